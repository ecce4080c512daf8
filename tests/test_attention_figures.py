"""The attention panel's measures against values worked out by hand, and its figures."""

import json
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.text import Text

from analysis import bundle, cli, evidence, figures
from analysis.bundle import captions
from analysis.figures.cut import ROWS
from analysis.figures.look import MAIN, inked, style
from analysis.figures.settle import MOVABLE
from analysis.figures.tiles import boundaries, tiles
from analysis.kit import InputError
from analysis.study import Study, catalogue
from analysis.tables import csvfile
from analysis.text import places
from analysis.themes import attention

Numbers = dict[str, dict[int, int | None]]
Faults = Callable[[Figure], list[str]]
CODES = {"河北省": "130000", "山西省": "140000", "辽宁省": "210000", "吉林省": "220000"}
CODES |= {"云南省": "530000"}


def panel(numbers: Numbers, topic: str = "甲", **more: Any) -> pd.DataFrame:
    """A panel of reports of 10,000 characters: the rate is the count; None is no report."""
    rows = []
    for region, years in numbers.items():
        for year, n in years.items():
            there = n is not None
            row = {"region": region, "region_code": CODES.get(region, "999999"), "topic": topic}
            row |= {"region_id": row["region_code"] if region in CODES else "", "level": "province"}
            row |= {"province": region, "year": year, "year_given": year + 1 if there else pd.NA}
            row |= {"n": n if there else pd.NA, "N_chars": 10_000 if there else pd.NA}
            row |= {"rate_chars": float(n) if there else float("nan")}
            row |= {"report_id": f"{region}-{year}" if there else "", "sha256": ""}
            rows.append(row | {"missing": "" if there else "no report"} | more)
    kinds = dict.fromkeys(("n", "N_chars", "year", "year_given"), "Int64")
    return pd.DataFrame(rows).astype(kinds)


def hits(table: pd.DataFrame) -> pd.DataFrame:
    """The first sentence of each report, as often as it counts."""
    rows = [
        {
            "report_id": row.report_id,
            "key": row.topic,
            "sentence_id": f"{row.report_id}:s{at + 1:03}",
        }
        for row in table[table["n"].fillna(0) > 0].itertuples()
        for at in range(int(row.n))
    ]
    return pd.DataFrame(rows, columns=["report_id", "key", "sentence_id"])


FOUR = {  # in 2020 of three regions, in 2021 of all four, in 2022 of two
    "河北省": {2020: 1, 2021: 1, 2022: 4},
    "山西省": {2020: 2, 2021: 2, 2022: None},
    "辽宁省": {2020: 6, 2021: 6, 2022: 0},
    "吉林省": {2020: None, 2021: 11, 2022: None},
}


# ---- measures


def test_median_and_quartiles_are_of_three_regions_at_least() -> None:
    found = attention.spread(panel(FOUR)).drop_duplicates("year").set_index("year")
    named = found[["regions", "low", "median", "high"]]
    assert named.loc[2020].tolist() == [3, 1.5, 2, 4]
    assert named.loc[2021].tolist() == [4, 1.75, 4, 7.25]
    assert named.loc[2022, "regions"] == 2
    assert named.loc[2022, ["low", "median", "high"]].isna().all()


def test_a_level_has_a_median_of_its_own() -> None:
    others = panel({name: {2020: 50} for name in ("甲市", "乙市", "丙市")}, level="city")
    both = attention.spread(pd.concat([panel(FOUR), others], ignore_index=True))
    of_2020 = both[both["year"] == 2020].groupby("level")["median"].first()
    assert of_2020.to_dict() == {"province": 2, "city": 50}


def test_equal_values_share_the_better_rank_and_a_missing_one_has_none() -> None:
    numbers = {"河北省": {2020: 9, 2021: 3}, "山西省": {2020: None, 2021: 7}}
    numbers |= {
        "辽宁省": {2020: 1, 2021: 7},
        "吉林省": {2020: 4, 2021: None},
        "云南省": {2020: 0, 2021: 0},
    }
    found = attention.ranked(attention.one(panel(numbers)))
    assert found["region"].tolist() == ["山西省", "辽宁省", "河北省", "云南省", "吉林省"]
    assert found["rank"].tolist()[:4] == [1, 1, 3, 4]
    assert found["tied"].tolist() == [True, True, False, False, False]
    assert found["change"].fillna(-99).tolist() == [-99, 6, -6, 0, -99]
    assert set(found["since"]) == {2020}
    assert found["rank"].isna().tolist() == [False] * 4 + [True]


@pytest.mark.parametrize("asked", [{"year": 2031}, {"since": 1901}, {"at": "published"}])
def test_a_year_that_the_panel_does_not_have_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        attention.ranked(attention.one(panel(FOUR)), **asked)


def test_one_topic_and_level_are_chosen_by_name_and_a_typo_chooses_none() -> None:
    cities = panel({"甲市": {2020: 1}}, topic="乙", level="city")
    both = pd.concat([panel(FOUR), cities], ignore_index=True)
    assert set(attention.one(both)["level"]) == {"province"}  # most regions are of it
    assert attention.one(both, "乙", "city")["region"].tolist() == ["甲市"]
    for wrong in ({"topic": "丙"}, {"level": "provinces"}):
        with pytest.raises(InputError):
            attention.one(both, **wrong)


def test_a_panel_by_part_is_of_one_part_at_a_time() -> None:
    both = pd.concat([panel(FOUR).assign(part=part) for part in ("done", "plan")])
    for measure in (attention.one, attention.spread):
        with pytest.raises(InputError, match="done, plan"):
            measure(both)
    assert len(attention.one(both[both["part"] == "plan"])) == 12


def test_regions_are_ordered_by_the_last_year_or_by_the_mean() -> None:
    rows = attention.one(panel(FOUR))
    latest, mean = attention.ordered(rows), attention.ordered(rows, mean=True)
    assert list(dict.fromkeys(latest["region"]))[:2] == ["河北省", "辽宁省"]  # 4 and 0 in 2022
    assert list(dict.fromkeys(mean["region"])) == [
        "吉林省",
        "辽宁省",
        "河北省",
        "山西省",
    ]  # 11 4 2 2
    assert set(latest["order_of"]) == {"2022"}
    assert latest.loc[latest["region"] == "河北省", "year"].tolist() == [2020, 2021, 2022]


def test_a_renamed_region_is_one_line() -> None:
    both = panel({"襄樊市": {2009: 1}, "襄阳市": {2010: 2}}, level="city", region_id="420600")
    found = attention.adopted(both, hits(both))
    assert found[["region", "year", "used_later"]].values.tolist() == [["襄樊市", 2009, 1]]


ADOPTED = {
    "河北省": {2019: 0, 2020: 2, 2021: 1, 2022: 3},
    "山西省": {2019: 0, 2020: 0, 2021: 1, 2022: 0},  # a chance phrase
    "辽宁省": {2019: None, 2020: None, 2021: 4, 2022: None},
    "吉林省": {2019: 0, 2020: None, 2021: 0, 2022: 0},  # never
    "云南省": {2019: None, 2020: None, 2021: None, 2022: None},  # no number at all
}


def test_first_uses_are_those_of_the_texts() -> None:
    table = panel(ADOPTED)
    found = attention.adopted(table, hits(table))
    named = found[
        ["region", "year", "sentence_id", "early", "reports_later", "used_later", "share"]
    ]
    assert named.values.tolist()[:3] == [
        ["河北省", 2020, "河北省-2020:s001", False, 2, 2, 0.25],
        ["山西省", 2021, "山西省-2021:s001", False, 1, 0, 0.5],
        ["辽宁省", 2021, "辽宁省-2021:s001", True, 0, 0, 0.75],
    ]
    assert found["region"].tolist()[3:] == ["吉林省"]
    assert found["year"].isna().tolist() == [False] * 3 + [True]
    assert set(found["until"]) == {2022}


def test_a_first_use_leads_to_its_first_sentence_alone() -> None:
    table = panel(ADOPTED)
    behind = evidence.behind(attention.adopted(table, hits(table)), hits(table))
    assert [list(rows["sentence_id"]) for rows in behind] == [
        *(["河北省-2020:s001"], ["山西省-2021:s001"], ["辽宁省-2021:s001"], []),
    ]


# ---- figures


def marks(figure: Figure) -> dict[str, list[Any]]:
    """The artists that stand for each row, by its number."""
    found: dict[str, list[Any]] = {}
    for artist in figure.findobj(lambda one: str(one.get_gid()).startswith("mark ")):
        found.setdefault(artist.get_gid().split()[1], []).append(artist)
    return found


def test_the_own_line_is_broken_where_a_year_is_missing() -> None:
    table = attention.spread(panel({**FOUR, "云南省": {2020: 5, 2021: None, 2022: 7}}))
    figure = figures.attention_over_time(table, region="云南省")
    (axes,) = figure.axes
    own = [line.get_ydata() for line in axes.lines if len(line.get_xdata()) == 3]
    assert [[None if pd.isna(value) else value for value in line] for line in own] == [
        [3.5, 4, 4],  # the median: of 1, 2, 5, 6, then of 1, 2, 6, 11, then of 4, 0, 7
        [5, None, 7],
    ]
    assert len(marks(figure)) == table["rate_chars"].notna().sum()
    with pytest.raises(InputError):
        figures.attention_over_time(table, region="云南")


def test_a_region_alone_is_its_own_line_and_that_is_said() -> None:
    figure = figures.attention_over_time(attention.spread(panel({"云南省": {2020: 5, 2021: 7}})))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["云南省"]
    assert len(marks(figure)) == 2
    assert figure.foot.get_text().endswith("只有一个地区，无从比较")


def test_a_cell_of_zero_is_white_and_one_without_a_number_is_crossed() -> None:
    table = attention.ordered(attention.one(panel(FOUR)))
    cells = marks(figures.attention_heatmap(table))
    assert len(cells) == len(table)
    for at, row in enumerate(table.itertuples(), start=1):
        cell = cells[str(at)][0]  # its number may stand in it
        assert bool(cell.get_hatch()) == (row.missing == "no report")
        if row.rate_chars == 0:
            assert cell.get_facecolor() == to_rgba("white")
        if row.rate_chars == 11:
            assert cell.get_facecolor()[3] == pytest.approx(0.55)


def test_a_year_without_a_title_year_is_crossed_too() -> None:
    table = attention.ordered(attention.one(panel(FOUR)), at="year_given")
    figure = figures.attention_heatmap(table, at="year_given")
    crossed = [one for one in figure.axes[0].get_children() if getattr(one, "get_hatch", str)()]
    assert len(crossed) == 3
    assert "2021" in [label.get_text() for label in figure.axes[0].get_xticklabels()]


def test_a_ranking_says_ties_and_missing_ones() -> None:
    numbers: Numbers = {"河北省": {2020: 3, 2021: 7}}
    numbers |= {"山西省": {2020: 8, 2021: 7}, "辽宁省": {2020: 1, 2021: None}}
    figure = figures.attention_ranking(attention.ranked(attention.one(panel(numbers))), lang="en")
    lines = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert lines == ["1=  Hebei", "1=  Shanxi", "Liaoning"]
    ends = [text.get_text() for text in figure.axes[0].texts]
    assert ends == ["7 (+4)", "7 (−1)", "no report"]
    assert "without a number, not ranked: 1" in figure.get_suptitle()
    assert "= tied (2)" in figure.get_suptitle()


def test_more_regions_than_a_page_holds_are_cut_and_it_says_so() -> None:
    table = panel({f"{at:02}市": {2021: at} for at in range(ROWS + 3)}, level="city")
    rows = attention.one(table)
    for figure in (
        figures.attention_ranking(attention.ranked(rows)),
        figures.attention_heatmap(attention.ordered(rows)),
    ):
        assert "只画前40个地区，共43个" in "".join(figure.axes[0].get_xlabel().split())
        assert figure.cut.column == "place"
        assert figure.axes[0].get_yticklabels()[0].get_text().endswith("42市")
        assert figure.get_size_inches()[1] * 25.4 < 240


def test_the_dots_of_first_uses_are_told_apart() -> None:
    table = panel(ADOPTED)
    dots = marks(figures.adoption_curve(attention.adopted(table, hits(table))))
    looks = {row: (dot.get_marker(), dot.get_markerfacecolor()) for row, (dot,) in dots.items()}
    assert looks == {"1": ("o", MAIN), "2": ("D", MAIN), "3": ("o", "white")}


def test_a_topic_that_every_region_had_from_the_start_has_no_panel_and_that_is_said() -> None:
    always = {region: dict.fromkeys(years, 1) for region, years in FOUR.items()}
    both = pd.concat([panel(always, "乙"), panel(ADOPTED, "甲")], ignore_index=True)
    figure = figures.adoption_curve(attention.adopted(both, hits(both)), lang="en")
    shown = [axes.get_title(loc="left") for axes in figure.axes if axes.get_visible()]
    first = both[both["n"].notna()].sort_values("year").drop_duplicates(["topic", "region"])
    telling = [topic for topic, own in first.groupby("topic") if not own["n"].gt(0).all()]
    assert [title.split(" ")[0] for title in shown] == telling == ["甲"]
    said = " ".join(figure.foot.get_text().split())
    assert said.endswith("so that no first year can be told: 乙")
    alone = panel(always, "乙")
    figure = figures.adoption_curve(attention.adopted(alone, hits(alone)), lang="en")
    assert figure.axes == []
    assert "no first year can be told: 乙" in " ".join(figure.texts[0].get_text().split())


def test_the_key_of_a_ranking_has_the_colour_of_its_dots_and_the_last_tick_covers_them() -> None:
    table = attention.ranked(attention.one(panel({"河北省": {2021: 7}, "山西省": {2021: 2}})))
    figure = figures.attention_ranking(table, lang="en")
    (axes,) = figure.axes
    dots = {line.get_color() for line in axes.lines if line.get_marker() == "o"}
    with style():
        assert figure._suptitle.get_color() == inked(*dots)  # type: ignore[union-attr]
    assert max(axes.get_xticks()) >= 7


def test_the_year_of_a_ranking_has_the_dot_of_its_values() -> None:
    table = attention.ranked(attention.one(panel(FOUR)), year=2021, since=2020)
    keys = figures.attention_ranking(table, lang="en")._suptitle.get_text()  # type: ignore[union-attr]
    assert keys.startswith("● 2021")
    assert "○ 2020" in keys


def test_every_province_has_a_tile_of_its_own() -> None:
    known = {one.code[:2]: one for one in places.candidates("福建省")}
    assert known
    found = tiles()
    assert len({tuple(one["at"]) for one in found.values()}) == len(found) == 34
    assert len({one["en"] for one in found.values()}) == 34
    for code, one in found.items():
        if code not in ("71", "81", "82"):  # the table of divisions has no code of theirs
            assert places.province_at(f"{code}0000").startswith(one["zh"])


def test_a_province_without_a_row_is_no_missing_report() -> None:
    ranked = attention.ranked(attention.one(panel(FOUR)), 2022)
    figure = figures.attention_tiles(ranked)
    squares = marks(figure)
    hatched = [bool(squares[str(at)][0].get_hatch()) for at in range(1, 5)]
    assert hatched == [False, False, True, True]
    dashed = [
        patch for patch in figure.axes[0].patches if patch.get_linestyle() not in ("-", "solid")
    ]
    assert len(dashed) == 34 - 4
    assert not [patch for patch in dashed if patch.get_hatch()]


# ---- boundaries of one's own


def map_file(folder: Path, **top: Any) -> Path:
    """Two squares: a province by its code, one by its name with a hole."""
    square = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
    hole = [[12, 2], [14, 2], [14, 4], [12, 4], [12, 2]]
    moved = [[x + 10, y] for x, y in square]
    features = [
        {
            "properties": {"adcode": 130000},
            "geometry": {"type": "Polygon", "coordinates": [square]},
        },
        {
            "properties": {"name": "山西省"},
            "geometry": {"type": "MultiPolygon", "coordinates": [[moved, hole]]},
        },
        {"properties": None, "geometry": None},
    ]
    path = folder / "map.geojson"
    path.write_text(json.dumps({"features": features, **top}), encoding="utf-8")
    return path


def test_a_map_is_drawn_with_its_approval_number(tmp_path: Path) -> None:
    path = map_file(tmp_path, 审图号="GS(2024)0001号")
    ranked = attention.ranked(attention.one(panel(FOUR)), 2021)
    figure = figures.attention_tiles(ranked, map_file=str(path))
    assert figure.inputs["map"]["approval"] == "GS(2024)0001号"
    said = figure.foot.get_text().replace("\n", "")
    assert "GS(2024)0001号" in said
    assert "地图中没有的地区：吉林省、辽宁省" in said
    solid = ("-", "solid")  # what has no row lies dashed below, and is no 0
    dashed = [one for one in figure.axes[0].patches if one.get_linestyle() not in solid]
    assert len(dashed) == 2
    assert "不在所收范围内" not in [one.get_text() for one in figure.legends[0].get_texts()]
    fewer = figures.attention_tiles(ranked[:2], map_file=str(path))
    assert "不在所收范围内" in [one.get_text() for one in fewer.legends[0].get_texts()]
    by_region = {ranked["region"][int(row) - 1] for row in marks(figure)}
    assert by_region == {"河北省", "山西省"}
    assert boundaries(str(map_file(tmp_path)), "GS1").about["approval"] == "GS1"


def test_a_hole_of_an_area_shows_what_lies_in_it(tmp_path: Path) -> None:
    (_, whole), (_, holed) = boundaries(str(map_file(tmp_path)), "GS1").areas
    for path, inside in ((whole, (3, 3)), (holed, (13, 3))):
        drawn = Figure(figsize=(1, 1))
        axes = drawn.add_axes((0, 0, 1, 1))
        axes.set(xlim=(inside[0] - 0.5, inside[0] + 0.5), ylim=(2.5, 3.5))
        axes.set_axis_off()
        axes.add_patch(PathPatch(path, fc="red", lw=0))
        canvas = FigureCanvasAgg(drawn)
        canvas.draw()
        middle = np.asarray(canvas.buffer_rgba())[50, 50]
        assert middle.tolist() == ([255, 0, 0, 255] if path is whole else [255] * 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "审图号"),
        ("{", "no GeoJSON"),
        ("[]", "no GeoJSON"),
        ('{"features": [{"geometry": {"type": "Polygon", "coordinates": 3}}]}', "no GeoJSON"),
        ('{"features": []}', "no area"),
        ('{"features": [{"geometry": {"type": "Point", "coordinates": [1, 2]}}]}', "no area"),
    ],
)
def test_a_map_that_cannot_be_drawn_is_refused(tmp_path: Path, text: str | None, said: str) -> None:
    path = map_file(tmp_path)
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as caught:
        boundaries(str(path))
    assert caught.value.path == path
    with pytest.raises(InputError, match="cannot be read"):
        boundaries(str(tmp_path / "none.geojson"))


# ---- legible


def large(regions: int, years: range) -> pd.DataFrame:
    """Many provinces with two topics, some years missing, some values 0."""
    named = [places.province_at(f"{code}0000") for code in tiles()][:regions]
    found = []
    for topic, step in (("数字经济", 7), ("新质生产力", 11)):
        numbers = {
            name: {
                year: None
                if (at * step + year) % 9 == 0
                else (at * step + year) % 31 * (year % 5 > 0)
                for year in years
            }
            for at, name in enumerate(named)
            if name
        }
        codes = {places.lookup(name).code: name for name in numbers}  # type: ignore[union-attr]
        made = panel(numbers, topic)
        code = made["region"].map({name: code for code, name in codes.items()})
        found.append(made.assign(region_code=code, region_id=code))
    return pd.concat(found, ignore_index=True)


SIZES = [(31, range(1994, 2026)), (3, range(2020, 2023)), (1, range(2022, 2023))]
LOOKS = [
    pytest.param({"lang": lang, "preset": preset}, id=f"{preset}-{lang}", marks=mark)
    for preset, lang in product(figures.PRESETS, ("zh", "en"))
    for mark in ([] if preset == "en-journal" else [pytest.mark.slow],)
]


def every(table: pd.DataFrame, look: dict[str, str]) -> Iterator[Figure]:
    one, region = attention.one(table), table["region"].iloc[0]
    yield figures.attention_over_time(attention.spread(table), region=region, **look)
    yield figures.attention_ranking(attention.ranked(one), region=region, **look)
    yield figures.attention_heatmap(attention.ordered(one), **look)
    yield figures.attention_tiles(attention.ranked(one), **look)
    first = attention.adopted(table, hits(table))
    yield figures.adoption_curve(first, region=region, **look)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES, ids=["many", "three", "one"])
def test_no_text_is_clipped_or_covered(
    faults: Faults, size: tuple[int, range], look: dict[str, str]
) -> None:
    for figure in every(large(*size), look):
        assert faults(figure) == []
        assert figure.get_size_inches()[1] * 25.4 <= 240
        small = [one for one in figure.findobj(Text) if one.get_text() and one.get_size() < 5.5]
        assert small == []


def test_first_uses_are_named_where_few_regions_share_their_year() -> None:
    def named(table: pd.DataFrame, region: str = "") -> list[str]:
        drawn = figures.adoption_curve(attention.adopted(table, hits(table)), region=region)
        movable = [text for text in drawn.axes[0].texts if text.get_gid() == MOVABLE]
        return [text.get_text() for text in movable]

    assert named(panel(ADOPTED)) == ["河北省", "山西省", "辽宁省"]
    same = panel({f"{at}市": {2020: 0, 2021: 1} for at in range(6)}, level="city")
    assert named(same) == []
    assert named(same, "3市") == ["3市"]


def test_nothing_to_draw_is_said() -> None:
    none = panel({"河北省": {2020: None, 2021: None}})
    one = attention.one(none)
    for figure in (
        figures.attention_over_time(attention.spread(none)),
        figures.attention_ranking(attention.ranked(one)),
        figures.attention_heatmap(attention.ordered(one)),
        figures.attention_tiles(attention.ranked(one)),
        figures.attention_tiles(attention.ranked(attention.one(none.iloc[:0]))),
        figures.adoption_curve(attention.adopted(none, hits(none))),
    ):
        assert [text.get_text() for text in figure.texts] == ["没有符合条件的内容"]


# ---- from a study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Three provinces in two years, of which one has one report."""
    folder = tmp_path_factory.mktemp("attention") / "study"
    catalogue.new(folder)
    made = Study(folder)
    counted = {("河北省", 2020): 2, ("河北省", 2021): 0, ("山西省", 2020): 0, ("山西省", 2021): 3}
    for (region, year), n in {**counted, ("新疆自治区", 2021): 1}.items():
        file = folder.parent / f"{region}{year}.txt"
        lines = [f"{region}{year}年工作", "一、主要工作", "我们修了路。"]
        lines += ["、".join(["数字经济"] * n) + "。"] if n else []
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        made.add(file, region=region, year=year, level="province", year_given=year + 1)
    return Study(folder)


def test_a_region_given_by_a_short_name_has_its_full_one(study: Study) -> None:
    assert "新疆自治区" not in set(study.reports["region"])  # as it was given
    table = study.attention(terms=["数字经济"]).table
    assert set(table["region"]) == {"河北省", "山西省", "新疆维吾尔自治区"}


def test_every_row_of_a_study_leads_to_as_many_hits_as_it_counts(study: Study) -> None:
    made = study.attention(terms=["数字经济"])
    behind = evidence.behind(made.table, made.hits, study.reports)
    assert [len(rows) for rows in behind] == made.table["n"].fillna(0).astype(int).tolist()
    assert made.table["n"].sum() == 6
    assert {text for rows in behind for text in rows["text"]} == {
        *("数字经济、数字经济。", "数字经济、数字经济、数字经济。", "数字经济。")
    }


def test_a_bundle_says_what_is_missing_and_may_be_chance(study: Study, tmp_path: Path) -> None:
    made, none = study.attention(terms=["数字经济"]), study.attention(terms=["碳达峰"])
    options = {"lang": "zh", "at": "year", "value": "rate_chars"}

    def said(name: str, figure: Figure, data: pd.DataFrame, folder: str) -> str:
        given: dict[str, Any] = {"hits": made.hits, "options": options, "topics": made.names}
        path = study.bundle(name, figure, data=data, out=tmp_path / folder, **given).path
        caption = (path / "caption.en.txt").read_text("utf-8")
        back, record = csvfile.typed(path / "data.csv"), bundle.provenance.read(path)
        assert captions.caption(name, back, record, "en") + "\n" == caption
        return caption

    first = attention.adopted(made.table, made.hits)
    uses = said("adoption_curve", figures.adoption_curve(first), first, "first")
    assert "1 diamonds are in no later report" in uses
    assert "No region never used it." in uses
    page = (tmp_path / "first" / "adoption_curve" / "evidence.html").read_text("utf-8")
    assert page.count("<mark>") >= 3
    never = attention.adopted(none.table, none.hits)
    unused = said("adoption_curve", figures.adoption_curve(never), never, "never")
    assert "Regions that never used it: 碳达峰 (3)." in unused
    ranked = attention.ranked(attention.one(made.table), 2020)
    ranks = said("attention_ranking", figures.attention_ranking(ranked), ranked, "ranks")
    assert "Cells without a number, 1, are left empty" in ranks


FIGURES = {"attention_over_time", "attention_ranking", "attention_heatmap", "attention_tiles"}
FIGURES |= {"adoption_curve"}


@pytest.mark.slow
def test_the_notebook_draws_many_reports_and_says_of_one_what_it_cannot(
    study: Study, tmp_path: Path
) -> None:
    sets, render = tmp_path / "sets.yaml", ["render", "--notebook", "attention_panel"]
    sets.write_text("sets:\n  - {terms: [数字经济], region: 山西省, since: 2020}\n", "utf-8")
    many, alone = tmp_path / "many", tmp_path / "alone"
    assert cli.main([*render, str(sets), "--data", str(study.path), "--out", str(many)]) == 0
    assert cli.main([*render, "--lang", "en", "--out", str(alone)]) == 0
    for out in (many, alone):
        assert {path.parent.name for path in out.glob("*/*/figure.svg")} == FIGURES
    (first,) = alone.glob("*/attention_ranking/caption.en.txt")
    assert "There is one region only, and nothing to compare." in first.read_text("utf-8")
    (ranks,) = many.glob("*/attention_ranking/data.csv")
    rows = pd.read_csv(ranks)
    counted = {"河北省": 0, "山西省": 3, "新疆维吾尔自治区": 1}
    assert rows.set_index("region")["n"].to_dict() == counted
    assert rows["region"].iloc[-1] == "河北省"


# ---- what a figure says of its topics


def test_methods_say_which_words_a_topic_is_and_that_nobody_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    catalogue.new(folder, design="census")
    texts = {2019: "大数据产业增长，数字经济起步。", 2020: "数字经济增长，大数据、大数据中心建成。"}
    for year, text in texts.items():
        file = tmp_path / f"贵州省{year + 1}.txt"
        file.write_text(f"贵州省{year + 1}年政府工作报告\n{text}减少碳排放。\n", "utf-8")
        Study(folder).add(file, region="贵州省", year=year)
    topics = tmp_path / "topics.txt"
    topics.write_text("# 数字\n数字经济\n大数据\n云计算\n# 碳\n碳排放\n", "utf-8")
    attention_of = Study(folder).attention(topics)
    made = attention_of.heatmap(topic="数字").save(tmp_path / "out").path
    said = (made / "methods.en.md").read_text("utf-8")
    assert "with its hits: 数字: 大数据 (3), 数字经济 (2), 云计算 (0)." in said
    assert "Nobody has read hits of 数字" in said
    kept = pd.read_csv(made / "hits.csv")
    assert kept["key"].tolist() == ["数字"] * 5
    first = attention_of.adoption().save(tmp_path / "out").path
    assert "first used any word of 数字" in (first / "caption.en.txt").read_text("utf-8")
