"""The command line: every command of the design, and exit status 2 for what it refuses."""

import hashlib
import re
from pathlib import Path

import pytest

from analysis import cli
from analysis.kit import files

NOWHERE = "there is no such folder"
REFUSED = {
    "report": ["report", "--data", NOWHERE],
    "new": ["new", "."],  # is there and is not empty
    "add": ["add", "missing.txt"],
    "restore": ["restore", "missing.txt"],
    "reuse": ["reuse", "--formula-regions", "1"],
    "table": ["table", "terms", "--data", NOWHERE],
    "extract": ["extract", "no-such-report"],
    "sample": ["sample", "-o", "to-code.xlsx", "--data", NOWHERE],
    "validate": ["validate", "--against", "missing.xlsx"],
    "codebook": ["codebook", "no-such-book", "--md", "book.md"],
    "segment": ["segment", "--compare", "--data", NOWHERE],
    "render": ["render", "missing.csv"],
    "figure": ["figure", NOWHERE],
    "diff": ["diff", NOWHERE, NOWHERE],
    "share": ["share", NOWHERE],
    "replicate": ["replicate", NOWHERE],
    "trace": ["trace", "no such thing"],
    "check": ["check", "--data", NOWHERE],
    "clean": ["clean", "--data", NOWHERE],
    "panel": ["panel", "--data", NOWHERE, "-o", "panel.dta"],
    "words": ["words", "accept", "missing.xlsx", "--topics", "missing.yaml"],
    "commitments": ["commitments", "--data", NOWHERE],
    "coding": ["coding", "collect", "missing.xlsx", "--data", NOWHERE],
    "corpus": ["corpus", "build", NOWHERE, "--out", "corpus"],
}
"""A command of the design and arguments that it must refuse; `lab` starts a server."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is not empty, to work in."""
    (tmp_path / "mine.txt").write_text("mine\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_help_lists_the_commands_of_the_design(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    listed = set(re.findall(r"^  ([a-z]+)  ", capsys.readouterr().out, re.MULTILINE))
    assert listed == {*REFUSED, "lab", "doctor", "completion"}


@pytest.mark.parametrize("command", REFUSED)
def test_a_command_refuses_with_a_sentence_and_leaves_nothing_behind(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(REFUSED[command]) == cli.REFUSED
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip()
    assert "Traceback" not in said.err
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("command", REFUSED)
def test_a_flag_that_does_not_exist_is_refused(command: str, folder: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*REFUSED[command], "--no-such-flag"])
    assert ended.value.code == cli.REFUSED


def test_the_bundled_study_is_not_written_to_from_elsewhere(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("福建省厦门市2021年法治政府建设报告.txt").write_text("一、依法行政\n办理10件。\n", "utf-8")
    bundled = (files.home() / "data" / "reports.csv").read_bytes()
    assert cli.main(["add", "福建省厦门市2021年法治政府建设报告.txt"]) == cli.REFUSED
    assert "data: no study here; name yours with --data DIR" in capsys.readouterr().err
    assert (files.home() / "data" / "reports.csv").read_bytes() == bundled


def test_a_word_with_a_frequency_is_taken_with_a_note(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["new", "own"]) == cli.DONE
    lexicon = Path("own", "codebooks", "lexicon.txt")
    lines = lexicon.read_text("utf-8").splitlines()
    lexicon.write_text("\n".join([*lines, "负责人出庭应诉率 5", ""]), "utf-8")
    assert cli.main(["check", "--data", "own"]) == cli.FAILED
    both = capsys.readouterr()
    assert "lexicon.txt: 1 line has a frequency, which is not used" in both.out + both.err
    lexicon.write_text("\n".join([*lines, "负责人 出庭", ""]), "utf-8")
    assert cli.main(["check", "--data", "own"]) == cli.REFUSED
    said = capsys.readouterr().err
    assert f"lexicon.txt:{len(lines) + 1}: '负责人 出庭' holds white space" in said


def test_dates_addresses_and_a_text_in_two_formats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "泉州市2022年法治政府建设年度报告\n一、主要情况\n办理10件。\n"
    Path("a.txt").write_text(text, "utf-8")
    Path("b.txt").write_text(text + "二、下一步打算\n继续努力。\n", "utf-8")
    assert cli.main(["new", "own"]) == 0
    given = ["--published", "2023-01-31", "--url", "https://example.org/1"]
    assert cli.main(["add", "a.txt", "--data", "own", *given]) == 0
    row = (tmp_path / "own/reports.csv").read_text("utf-8-sig").splitlines()[1].split(",")
    header = (tmp_path / "own/reports.csv").read_text("utf-8-sig").splitlines()[0].split(",")
    own = dict(zip(header, row, strict=True))
    assert (own["published"], own["source_url"]) == ("2023-01-31", "https://example.org/1")
    assert cli.main(["add", "b.txt", "--data", "own", "--published", "2023-13-01"]) == 2
    assert "is no date such as 2023-01-31" in capsys.readouterr().err
    assert cli.main(["add", "b.txt", "--data", "own"]) == 0
    sha256 = hashlib.sha256(Path("b.txt").read_bytes()).hexdigest()
    said = f"quanzhou-2022 and quanzhou-2022-{sha256[:4]} of 泉州市, 2022 have one title"
    assert said in capsys.readouterr().out
    assert cli.main(["check", "--data", "own"]) == 1
    assert said in capsys.readouterr().out
