"""A figure remade from its provenance: the same data comes out, or what differs is said."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image, ImageChops

import analysis as gb
from analysis import tables
from analysis.batch import remake, render, units
from analysis.kit import GongbaoError, InputError

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"


def write_record(bundle: Path, **changed: Any) -> None:
    """provenance.json with some of its values changed, and the hashes of the tables beside it."""
    record = json.loads((bundle / "provenance.json").read_text("utf-8"))
    record["files"] = {
        file: hashlib.sha256((bundle / file).read_bytes()).hexdigest()
        for file in ("data.csv", "hits.csv")
    }
    text = json.dumps({**record, **changed}, ensure_ascii=False)
    (bundle / "provenance.json").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def made(study: gb.Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables and the provenance of a figure, without a notebook."""
    bundle = tmp_path_factory.mktemp("old") / "theme_coverage"
    bundle.mkdir()
    data = study.themes.coverage().table
    hits = gb.evidence.of(
        study.codings, study.sentences, primary_theme=list(data["theme"]), is_heading=False
    )
    tables.write(data, bundle / "data.csv")
    tables.write(hits, bundle / "hits.csv")
    options = {"lang": "en", "over": "", "reports": [], "themes": []}
    record = {**study.provenance(options), "figure": "theme_coverage"}
    (bundle / "provenance.json").write_text(json.dumps(record), encoding="utf-8")
    write_record(bundle)
    return bundle


@pytest.fixture(scope="module")
def remade(made: Path, tmp_path_factory: pytest.TempPathFactory) -> remake.Remade:
    """The figure remade by its notebook."""
    out = tmp_path_factory.mktemp("remade")
    return remake.figure(made, out=out, data=DATA, tiff=True)


@pytest.fixture
def old(made: Path, tmp_path: Path) -> Path:
    """A copy of the old bundle to change."""
    return Path(shutil.copytree(made, tmp_path / "old" / "theme_coverage"))


@pytest.fixture
def runs(remade: remake.Remade, monkeypatch: pytest.MonkeyPatch) -> list[units.Unit]:
    """The notebooks that would run, noted; what comes out is what came out before."""
    noted: list[units.Unit] = []

    def run(planned: list[units.Unit], out: Path, **said: object) -> list[dict[str, str]]:
        noted.extend(planned)
        name = remade.bundle.path.name
        shutil.copytree(remade.bundle.path, out / planned[0].name / name)
        return [{"error": ""}]

    monkeypatch.setattr(render, "run", run)
    return noted


def test_the_same_inputs_give_the_same_tables(made: Path, remade: remake.Remade) -> None:
    assert remade.same
    for file in ("data.csv", "hits.csv"):
        assert (made / file).read_bytes() == (remade.bundle.path / file).read_bytes()
    assert str(remade).splitlines()[:2] == ["data.csv: identical", "hits.csv: identical"]
    assert remade.bundle.provenance["options"]["lang"] == "en"
    assert remade.difference.rows.empty
    assert [path.name for path in remade.bundle.path.parent.iterdir()] == ["theme_coverage"]


def test_a_tiff_has_the_pixels_of_the_png_at_600_dpi(remade: remake.Remade) -> None:
    folder = remade.bundle.path
    with Image.open(folder / "figure.tiff") as tiff, Image.open(folder / "figure.png") as png:
        assert tiff.info["compression"] == "tiff_lzw"
        assert tuple(map(round, tiff.info["dpi"])) == (600, 600)
        assert tiff.mode == "RGB"
        assert png.convert("RGBA").getextrema()[3] == (255, 255)
        assert ImageChops.difference(tiff, png.convert("RGB")).getbbox() is None


@pytest.mark.usefixtures("runs")
def test_a_number_that_differs_is_told(old: Path, tmp_path: Path) -> None:
    data = pd.read_csv(old / "data.csv", encoding="utf-8-sig")
    data.loc[0, "n"] += 1
    tables.write(data, old / "data.csv")
    write_record(old)
    found = remake.figure(old, out=tmp_path, data=DATA)
    assert not found.same
    assert found.identical == {"data.csv": False, "hits.csv": True}
    theme, n = data.loc[0, "theme"], data.loc[0, "n"]
    assert f"theme {theme}: n {n} → {n - 1} (-1)" in str(found)


@pytest.mark.usefixtures("runs")
def test_a_table_changed_by_hand_is_told_apart(old: Path, tmp_path: Path) -> None:
    (old / "hits.csv").write_text("nothing\n", "utf-8")
    found = remake.figure(old, out=tmp_path, data=DATA)
    assert found.same
    assert f"hits.csv of {old} was changed" in str(found)


def test_the_options_and_the_reports_are_the_old_ones(
    old: Path, runs: list[units.Unit], tmp_path: Path
) -> None:
    remake.figure(old, out=tmp_path, data=DATA)
    grown = Path(shutil.copytree(DATA, tmp_path / "grown"))
    more = tmp_path / "more.txt"
    more.write_text("厦门市2021年法治政府建设报告\n推进严格执法。\n", encoding="utf-8")
    gb.Study(grown).add(more, year=2021)
    remake.figure(old, out=tmp_path, data=grown)
    first, second = runs
    assert first.notebook == second.notebook == "theme_coverage"
    assert first.values["lang"] == "en"
    assert first.values["reports"] == []
    assert second.values["reports"] == ["xiamen-2022"]


def test_each_figure_is_written_by_one_notebook() -> None:
    written = dict(remake._written())
    assert written["metric_trend"] == {"metric_trend", "target_outcome"}
    assert "dispersion_plot" in written["keyword_frequency"]
    assert "edit_places" in written["data_quality"]
    figures = [figure for own in written.values() for figure in own]
    assert len(figures) == len(set(figures)) >= 15


def test_what_cannot_be_remade_is_refused(old: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"provenance\.json: no such file; give a bundle"):
        remake.figure(tmp_path, out=tmp_path, data=DATA)
    with pytest.raises(InputError, match="is the figure to make again"):
        remake.figure(old, out=old.parent, data=DATA)
    (tmp_path / "other/theme_coverage").mkdir(parents=True)
    with pytest.raises(InputError, match="is there and is no bundle"):
        remake.figure(old, out=tmp_path / "other", data=DATA)
    write_record(old, figure="theme_coverag")
    with pytest.raises(InputError, match=r"no notebook writes it: .*'theme_coverage'"):
        remake.figure(old, out=tmp_path, data=DATA)
    write_record(old, figure="theme_coverage", options={"topn": 3})
    with pytest.raises(GongbaoError, match="'topn' is not known"):
        remake.figure(old, out=tmp_path, data=DATA)


def test_other_reports_than_the_figure_was_made_from_are_refused(old: Path, tmp_path: Path) -> None:
    reports = json.loads((old / "provenance.json").read_text("utf-8"))["reports"]
    write_record(old, reports=[{**reports[0], "sha256": "0" * 64}])
    with pytest.raises(GongbaoError, match=r"'xiamen-2022' is not the file .*0000 then"):
        remake.figure(old, out=tmp_path, data=DATA)
    write_record(old, reports=[{**reports[0], "report_id": "ningbo-2022"}])
    with pytest.raises(GongbaoError, match="holds no report 'ningbo-2022'"):
        remake.figure(old, out=tmp_path, data=DATA)
