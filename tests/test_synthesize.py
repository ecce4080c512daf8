"""The made-up reports that scale is measured with: benchmarks/synthesize.py."""

import hashlib

import pytest

from analysis.restore import restore
from analysis.text import sentences


@pytest.fixture(scope="module")
def synthesize(script):
    return script("benchmarks/synthesize.py")


def digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.txt")
    }


def test_a_seed_gives_the_same_reports_however_many(synthesize, tmp_path):
    for name, n, seed in (("few", 20, 1), ("more", 40, 1), ("other", 20, 2)):
        synthesize.write(n, tmp_path / name, seed)
    few, more, other = (digests(tmp_path / name) for name in ("few", "more", "other"))
    assert len(few) == 20
    assert few.items() <= more.items()
    assert not few.items() & other.items()


def test_reports_are_as_long_and_as_sectioned_as_the_genre(synthesize):
    writer = synthesize.Writer(0, 0.0)
    texts = [writer.report(i)[1] for i in range(400)]
    assert sum(map(len, texts)) / len(texts) == pytest.approx(3000, rel=0.03)
    found = sentences.split("r", restore(texts[3]), 2018)
    assert list(dict.fromkeys(found["part"])) == ["other", "done", "problems", "plan"]
    assert found["section"].nunique() == 9  # the title, three parts, five measures


def test_damage_is_that_of_a_mirror_and_is_undone(synthesize):
    clean, broken = (synthesize.Writer(0, share).report(3)[1] for share in (0.0, 1.0))
    restored = restore(broken)
    assert {"phase", "gloss", "simplify"} <= {edit.rule for edit in restored.edits}
    assert broken != clean
    assert restored.text.splitlines()[0] == clean.splitlines()[0]
    assert "（一）加强组织领导" in restored.text
