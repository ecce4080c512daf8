"""Whatever comes in: a result or one sentence of refusal with the file's name, never a crash."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import reports
from analysis.errors import InputError
from analysis.restore import restore

PIECES = (
    "复议",
    "領lǐng導",
    "行政执法。",
    "（一）",
    "\ufffd",
    "\u200b",
    "，",
    "12.5%",
    "\t",
    "\n",
    "A ",
)
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=30).map("".join)
NAMES = st.sampled_from(["a.txt", "a.docx", "a.html", "a.pdf", "a.csv", "a.jsonl", "a", "a.bin"])
CODES = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16"])


def holds(data: bytes, name: str) -> None:
    """Reading ends in a text with a Chinese character, or is refused with the file's name."""
    said = name
    try:
        said += reports.decode(data, name).text
    except InputError as error:
        said = str(error)
    assert name in said
    assert len(said) > len(name)


def restored(text: str) -> None:
    """Restoration keeps its record: every edit says what stood in the raw text, in order."""
    found = restore(text)
    assert found.raw == text
    behind = 0
    for edit in found.edits:
        assert edit.raw_start >= behind
        assert text[edit.raw_start : edit.raw_end] == edit.before
        behind = edit.raw_end


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), NAMES)
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    holds(data, name)


@settings(max_examples=60, deadline=None)
@given(TEXTS, CODES, NAMES, st.integers(0, 400), st.binary(max_size=4))
def test_a_damaged_file_is_read_or_refused(
    text: str, code: str, name: str, at: int, put: bytes
) -> None:
    data = text.encode(code, "ignore")
    holds(data[:at] + put + data[at + 1 :], name)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_any_text_is_restored_with_a_record_that_fits(text: str) -> None:
    restored(text)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_many_texts_are_restored_with_a_record_that_fits(text: str) -> None:
    restored(text)
