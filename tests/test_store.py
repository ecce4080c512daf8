"""The store: what is read from it is what would be made anew, whatever happened to it."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from analysis import tables
from analysis.cli import main
from analysis.kit import InputError
from analysis.study import Study, catalogue, query, store, texts
from analysis.study.store import DEPENDS, HELD, MAKERS
from analysis.words import Counts, keywords

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
TEXT = """{region}{title}年政府工作报告

一、{year}年工作回顾

全年新增就业{n}人，数字经济增加值增长{n}.5%。依法行政水平提升，放管服改革持续深化。

二、{title}年工作安排

力争新增就业{more}人以上，推进法治政府建设，加强生态环境保护。
"""
REGIONS = ["福州市", "厦门市", "泉州市", "漳州市", "杭州市", "宁波市", "温州市", "青岛市", "大连市"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of nine reports in several parts, nothing kept of it yet."""
    place = tmp_path_factory.mktemp("store") / "study"
    catalogue.new(place, "")
    texts = place.parent / "texts"
    texts.mkdir()
    for number, region in enumerate(REGIONS, start=1):
        filled = TEXT.format(region=region, title=2024, year=2023, n=100 + number, more=200)
        (texts / f"{region}2024年政府工作报告.txt").write_text(filled, "utf-8")
    assert not Study(place).add(texts).problems
    return place


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "study")
    return tmp_path / "study"


def kept(place: Path) -> dict[str, bytes]:
    """All parts of a study's store, by their path."""
    folder = place / "store"
    parts = folder.rglob("[!.]*.parquet")
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in parts}


def hold(place: Path, **how: str) -> None:
    """What a study says is what is made anew without any store."""
    study, fresh = Study(place, **how), Study(place, **how)
    for name in DEPENDS:
        fresh.__dict__[HELD.get(name, name)] = MAKERS[name](fresh)
    for name in {*DEPENDS} - {"counts"}:
        both = [getattr(one, HELD.get(name, name)) for one in (study, fresh)]
        if name in ("sizes", "coverage"):
            both = [one.astype(object) for one in both]
        assert_frame_equal(*both, check_dtype=False)
    counted = study.counted(study.sizes), Counts.of(fresh.terms, fresh.sentences)
    assert_frame_equal(*map(keywords.frequency, counted))
    for key in study.reports["report_id"]:
        assert study.restored(key) == texts.restore(fresh, key)


def test_what_is_read_is_what_is_made(place: Path) -> None:
    hold(place)
    study = Study(place)
    assert len(study.figures_found) == 27
    assert len(kept(place)) == len(DEPENDS) * len(study._buckets[0])
    own = Study(place, ["xiamen-2023", "fuzhou-2023"])
    assert own.terms["report_id"].unique().tolist() == own.reports["report_id"].tolist()
    assert (place / "store" / ".gitignore").read_text() == "*\n"


def _edit(path: Path, pattern: str, new: str) -> None:
    before = path.read_text("utf-8-sig")
    after = re.sub(pattern, new, before, count=1, flags=re.M)
    assert after != before
    path.write_text(after, "utf-8-sig" if path.suffix == ".csv" else "utf-8")


def _other_file(place: Path) -> None:
    study = Study(place)
    path = place / study.reports.set_index("report_id").at["xiamen-2023", "path"]
    _edit(path, "102人", "7人")
    with pytest.raises(InputError, match="is not the file that was added as xiamen-2023"):
        _ = Study(place).figures_found
    _edit(place / "reports.csv", study.sha256["xiamen-2023"], tables.sha256(path))


def _column(name: str, value: object) -> Callable[[Path], None]:
    def change(place: Path) -> None:
        rows = tables.read(place / "reports.csv", "reports")
        rows.loc[rows["report_id"] == "xiamen-2023", name] = value
        tables.write(rows, place / "reports.csv")

    return change


def _book(name: str, pattern: str, new: str) -> Callable[[Path], None]:
    return lambda place: _edit(place / "codebooks" / name, pattern, new)


WORDS = {"sizes-jieba", "counts-jieba", "terms-jieba"}
THEMES = {f"{one}-law_based_government" for one in ("themes", "codings", "coverage")}
ALL = {"edits", "sentences", "figures_found"} | WORDS | THEMES
CHANGES: dict[str, tuple[Callable[[Path], None], set[str], int]] = {
    "a file": (_other_file, ALL, 1),
    "a year": (_column("year", 2022), ALL, 1),
    "a script": (_column("script", "kept"), ALL, 1),
    "what is kept": (_column("keep", "markup"), ALL, 1),
    "lexicon": (_book("lexicon.txt", r"\n", "\n数字经济增加值\n"), WORDS, 9),
    "themes": (_book("themes.yaml", r"^version: 4", "version: 5"), THEMES, 9),
    "indicators": (_book("indicators.yaml", r"^version: 3", "version: 4"), {"figures_found"}, 9),
    "stop words": (_book("stopwords.txt", r"\n", "\n的话\n"), set(), 0),
    "groups": (_book("term_groups.yaml", r"^version: 1", "version: 2"), set(), 0),
}


QUICK = ("a file", "lexicon", "themes")


@pytest.mark.parametrize(
    "what", [one if one in QUICK else pytest.param(one, marks=pytest.mark.slow) for one in CHANGES]
)
def test_a_change_remakes_what_depends_on_it_and_nothing_stale_is_read(
    place: Path, what: str
) -> None:
    change, of, reports = CHANGES[what]
    hold(place)
    before = kept(place)
    change(place)
    hold(place)
    after = kept(place)
    new = set(after) - set(before)
    assert {name.partition("/")[0] for name in new} == of
    assert len(after) == len(before)
    assert {name: after[name] for name in after if name not in new}.items() <= before.items()
    parts = len(Study(place)._buckets[0])
    assert len(new) == len(of) * (1 if reports == 1 else parts)


def test_another_code_reads_nothing_of_this_one(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(place)
    before = kept(place)
    monkeypatch.setattr(store, "_code", lambda: "another")
    hold(place)
    assert not set(kept(place)) & set(before)
    assert [*kept(place).values()] != []


def test_two_engines_stand_beside_each_other(place: Path) -> None:
    hold(place)
    before = kept(place)
    hold(place, engine="rjieba")
    hold(place)
    assert before.items() <= kept(place).items()
    new = {name.partition("/")[0] for name in set(kept(place)) - set(before)}
    assert new == {one.replace("jieba", "rjieba") for one in WORDS}


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _of_others(path: Path) -> None:
    found = pq.read_table(path).to_pandas()
    found["report_id"] = "../../etc/passwd"
    pq.write_table(pa.Table.from_pandas(found, pq.read_schema(path), preserve_index=False), path)


def _other_sentences(path: Path) -> None:
    found = pq.read_table(path).to_pandas()
    found["sentence_id"] = "somebody-else:1"
    pq.write_table(pa.Table.from_pandas(found, pq.read_schema(path), preserve_index=False), path)


def _other_columns(path: Path) -> None:
    pq.write_table(pq.read_table(path).drop_columns(["start"]), path)


@pytest.mark.parametrize(
    "damage", [_cut, _empty, _of_others, _other_sentences, _other_columns, Path.unlink]
)
def test_a_damaged_part_is_named_and_made_again_to_the_byte(
    place: Path, damage: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    table, before = Study(place).themes.hits, kept(place)
    part = sorted((place / "store" / "themes-law_based_government").iterdir())[0]
    damage(part)
    capsys.readouterr()
    assert_frame_equal(Study(place).themes.hits, table)
    said = capsys.readouterr().err
    assert said.count("\n") == (damage is not Path.unlink)
    assert damage is Path.unlink or f"{part}: is damaged" in said
    assert kept(place) == before


def test_where_a_study_cannot_be_written_its_store_is_the_users(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "access", lambda *_: False)
    hold(place)
    assert not (place / "store").exists()
    assert len([*(tmp_path / "cache" / "gongbao").rglob("*.parquet")]) == len(DEPENDS) * len(
        Study(place)._buckets[0]
    )


def test_check_says_how_large_it_is_and_clean_takes_it_away(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _ = Study(place).sentences
    main(["check", "--data", str(place)])
    size = sum(one.stat().st_size for one in (place / "store").rglob("*") if one.is_file())
    assert f"{place / 'store'}: {size / 1e6:.1f} MB" in capsys.readouterr().err
    assert main(["clean", "--data", str(place)]) == 0
    assert not (place / "store").exists()


@pytest.mark.slow
def test_a_study_is_asked_as_a_corpus_is_and_never_answers_for_what_it_was(place: Path) -> None:
    for change in (None, CHANGES["lexicon"][0], CHANGES["a file"][0]):
        if change:
            change(place)
        counted = Study(place).terms["key"].value_counts()
        asked = query.answer(place, "frequency").set_index("key")["n"]
        assert asked.to_dict() == counted.to_dict()
    assert counted["数字经济增加值"] == 9
    same = query.answer(
        place, "rates", terms=["数字经济增加值"], slice="region=厦门市", by=["region"]
    )
    assert same["n"].tolist() == [1]


COMMAND = [sys.executable, "-m", "analysis", "table", "codings", "-o", "out.csv", "--data", "study"]


def _start(folder: Path) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        COMMAND, cwd=folder, env=env, stderr=pipe, text=True, start_new_session=True
    )


@pytest.mark.slow
def test_killed_at_any_moment_or_asked_twice_at_once_the_parts_are_those_of_a_fresh_build(
    place: Path,
) -> None:
    texts = place.parent / "more"
    texts.mkdir()
    for number in range(20):
        filled = TEXT.format(region="厦门市", title=2000 + number, year=1999 + number, n=3, more=4)
        (texts / f"厦门市{2000 + number}年政府工作报告.txt").write_text(filled * 20, "utf-8")
    Study(place).add(texts)
    began = time.monotonic()
    assert _start(place.parent).wait() == 0
    lasts, expected = time.monotonic() - began, kept(place)
    draw = random.Random(3)
    for _ in range(10):
        shutil.rmtree(place / "store")
        moment, process = draw.uniform(0, lasts), _start(place.parent)
        time.sleep(moment)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert kept(place).items() <= expected.items(), moment
        both = [_start(place.parent) for _ in range(2)]
        assert [one.communicate()[1].count("damaged") for one in both] == [0, 0]
        assert [one.returncode for one in both] == [0, 0]
        assert kept(place) == expected, moment
        assert not [*(place / "store").rglob("*.part")]
