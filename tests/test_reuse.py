"""Text reuse: passages against a slow, plain search; classes, formulae and shares by hand."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from random import Random
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import analysis as gb
from analysis import reuse, tables
from analysis.kit import InputError
from analysis.restore import Restored
from analysis.reuse import edits, passages, seeds
from analysis.reuse.shares import neighbours
from analysis.study import catalogue
from analysis.text import sentences

Said = list[tuple[str, int, str]]
"""Reports: region, the year they came out, text."""

A = "加快建设沿海船舶修造基地，支持骨干企业与高校共建海工装备研究院，力争三年内形成完整的配套体系。"
B = "对符合条件的山区群众实行整村搬迁，安置点同步配建学校、卫生室和就业车间，确保搬得出稳得住。"
C = "推行河湖警长制度，把水质考核结果与乡镇干部年度评优挂钩，每季度向社会公布一次断面监测数据。"
PLAIN = (
    "今年粮食收成好于往年，农户手里的余粮比去年同期多了不少。",
    "老城区背街小巷的路灯全部换成了节能灯，夜里走路亮堂多了。",
    "港口新开通三条近洋航线，码头工人三班轮换，吞吐很忙。",
    "高原牧场试种的饲草长势不错，牲畜过冬有了保障。",
    "图书馆延长开放时间，周末座位供不应求，读者留言很多。",
    "地铁二期盾构机昨日始发，沿线商户已领到过渡补贴。",
)


def as_tables(told: Said, **facts: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of reports that need no restoration; ids are r0, r1, …."""
    rows, about = [], []
    for at, (region, year, text) in enumerate(told):
        rows += sentences.rows(f"r{at}", Restored(text, text, ()), year - 1)
        level = "nation" if region == "全国" else "province"
        one = {"report_id": f"r{at}", "region": region, "year": year - 1, "year_given": year}
        one |= {"level": level, "genre": "work_report", "published": ""}
        about.append(one | {name: values[at] for name, values in facts.items()})
    reports = pd.DataFrame(about).reindex(columns=list(tables.COLUMNS["reports"]))
    return sentences.table(rows), reports


def found(told: Said, **rules: int) -> reuse.Found:
    return reuse.find(*as_tables(told), reuse.Rules(**rules))


def pairs(one: reuse.Found) -> list[tuple[str, str, str]]:
    """Later report, source, class."""
    rows = tables.rows(one.table())
    return sorted((row.report_id, row.source_report_id, row.origin) for row in rows)


# ---- a slow, plain search


def plainly(text: str, name: str) -> list[tuple[str, int]]:
    """Symbols with their places, read off the docs: no marks, numbers, own name and rank."""
    narrow = ((unicodedata.normalize("NFKC", char), char) for char in text)
    text = "".join(new if len(new) == 1 else old for new, old in narrow)
    pattern = re.compile(rf"{name}|\d+(?:[.,]\d+)*|[^\W_]")
    told = []
    for match in pattern.finditer(text):
        symbol = "#" if match[0] == name else "0" if match[0][0].isdigit() else match[0].lower()
        told.append(("省" if symbol in "市区县州" else symbol, match.start()))
    return told


def exhaustive(told: Said, rules: reuse.Rules) -> set[tuple[int, int, int, int, int, int]]:
    """Every passage of every two reports, by loops: both reports, both spans in symbols."""
    short = {"河南省": "河南", "湖北省": "湖北", "湖南省": "湖南", "江西省": "江西", "全国": "全国"}
    short |= {"安徽省": "安徽", "山西省": "山西"}
    texts = ["".join(s for s, _ in plainly(text, short[region])) for region, _, text in told]
    common = {size: everybodys(told, texts, size, rules) for size in (7, 12)}
    made = set()
    for one, other in combinations(range(len(told)), 2):
        first, second = texts[one], texts[other]
        formula = [False] * len(second)
        for at in range(len(second) - 11):
            if second[at : at + 12] in common[12]:
                formula[at : at + 12] = [True] * 12
        best = list(kept(search(first, second, common), formula, rules.least))
        made |= {(one, other, *spans) for spans in best}
    return made


def everybodys(told: Said, texts: list[str], size: int, rules: reuse.Rules) -> set[str]:
    """Runs of so many regions and years, or of so many years."""
    where: dict[str, set[str]] = {}
    when: dict[str, set[int]] = {}
    for (region, year, _), text in zip(told, texts, strict=True):
        for at in range(len(text) - size + 1):
            run = text[at : at + size]
            where.setdefault(run, set()).update({region} - {"全国"})
            when.setdefault(run, set()).add(year)
    regions, years, lasting = (5, 1, 10) if size == 7 else (rules.formula)
    return {
        run
        for run in where
        if (len(where[run]) >= regions and len(when[run]) >= years) or len(when[run]) >= lasting
    }


def search(
    first: str, second: str, common: dict[int, set[str]]
) -> Iterator[tuple[int, int, int, int, int, list[tuple[int, int, int]]]]:
    """Stretches around seeds that lie near each other, with the seeds."""
    linked = set()
    for size, others in common.items():
        held: dict[str, list[int]] = {}
        for at in range(len(first) - size + 1):
            held.setdefault(first[at : at + size], []).append(at)
        for at in range(len(second) - size + 1):
            run = second[at : at + size]
            if run not in others:
                for place in held.get(run, ()):
                    linked |= {(place + step, at + step) for step in range(size - 6)}
    grown: list[tuple[int, int, int]] = []
    for place, at in sorted(linked):
        if (place - 1, at - 1) not in linked:
            size = 7
            while (place + size - 6, at + size - 6) in linked:
                size += 1
            grown.append((place, at, size))
    open_ = set(range(len(grown)))
    while open_:
        group, todo = [], [open_.pop()]
        while todo:
            one = grown[todo.pop()]
            group.append(one)
            near = {
                n for n in open_ if apart(one, grown[n], 0) <= 20 and apart(one, grown[n], 1) <= 20
            }
            open_ -= near
            todo += near
        yield from stretch(first, second, group)


def apart(one: tuple[int, int, int], other: tuple[int, int, int], side: int) -> int:
    return max(other[side] - one[side] - one[2], one[side] - other[side] - other[2])


def stretch(
    first: str, second: str, group: list[tuple[int, int, int]]
) -> Iterator[tuple[int, int, int, int, int, list[tuple[int, int, int]]]]:
    around = max(
        size + sum(
            0 <= place + n < len(first)
            and 0 <= at + n < len(second)
            and first[place + n] == second[at + n]
            for n in (*range(-24, 0), *range(size, size + 24))
        )
        for place, at, size in group
    )  # fmt: skip
    if max(around, sum(size for *_, size in group)) < 18:
        return
    low = max(min(place for place, *_ in group) - 48, 0)
    high = min(max(place + size for place, _, size in group) + 48, len(first))
    start = max(min(at for _, at, _ in group) - 48, 0)
    end = min(max(at + size for _, at, size in group) + 48, len(second))
    shifts = [at - place for place, at, _ in group]
    same = [
        (place, at)
        for place in range(low, high - 3)
        for at in range(
            max(start, place + min(shifts) - 40), min(end - 3, place + max(shifts) + 41)
        )
        if first[place : place + 4] == second[at : at + 4]
    ]
    begin, stop, _ = heaviest([at for _, at in same], start, end)
    same = [(place, at) for place, at in same if begin <= at and at + 4 <= stop]
    own, own_stop, count = heaviest([place for place, _ in same], low, high)
    same = [(place, at) for place, at in same if own <= place and place + 4 <= own_stop]
    begin, stop, other = heaviest([at for _, at in same], start, end)
    yield own, own_stop, begin, stop, min(count, other), group


def heaviest(places: list[int], low: int, high: int) -> tuple[int, int, int]:
    """The stretch with the best sum of 5 for what is covered and -3 for what is not."""
    held = [any(at - 3 <= place <= at for place in set(places)) for at in range(low, high)]
    best, found = -1, (0, 0)
    total, begin = 0, 0
    for at, one in enumerate(held):
        if total <= 0:
            total, begin = 0, at
        total += 5 if one else -3
        if total > best:
            best, found = total, (begin, at + 1)
    return low + found[0], low + found[1], sum(held[slice(*found)])


def kept(
    made: Iterator[tuple[int, int, int, int, int, list[tuple[int, int, int]]]],
    formula: list[bool],
    least: int,
) -> Iterator[tuple[int, int, int, int]]:
    """Of stretches that overlap by half on both sides the best; none of formulae only."""
    told = []
    for low, high, start, end, shared, group in made:
        length = max(high - low, end - start)
        score = shared - 0.6 * (length - shared)
        new = sum(not one for _, at, size in group for one in formula[at : at + size])
        if score >= least and new >= 7 and shared - sum(formula[start:end]) >= 12:
            told.append((-score, start, low, high, end))
    chosen: list[tuple[int, int, int, int]] = []
    for _, start, low, high, end in sorted(told):
        if not any(
            2 * (min(end, d) - max(start, c)) > end - start
            and 2 * (min(high, b) - max(low, a)) > high - low
            for a, b, c, d in chosen
        ):
            chosen.append((low, high, start, end))
    yield from chosen


def indexed(told: Said, rules: reuse.Rules) -> set[tuple[int, int, int, int, int, int]]:
    """What the suite finds, in the same form; reports are in the order of time."""
    one = reuse.find(*as_tables(told), rules)
    texts, p = one.texts, one.passages
    begins = texts.begins
    first, second = texts.report[p.start], texts.report[p.later_start]
    spans = (p.start - begins[first], p.end - begins[first])
    later = (p.later_start - begins[second], p.later_end - begins[second])
    return {tuple(map(int, row)) for row in zip(first, second, *spans, *later, strict=True)}


REGIONS = ["河南省", "湖北省", "湖南省", "江西省", "安徽省", "山西省"]


def made_up(seed: int) -> Said:
    """Twenty reports of chance, with passages taken from earlier ones, and changed."""
    random = Random(seed)
    letters = [chr(0x4E00 + 7 * number) for number in range(400)]
    told: Said = []
    stock = ["".join(random.choices(letters, k=16)) for _ in range(3)]
    for number in range(20):
        pieces = ["".join(random.choices(letters, k=random.randint(8, 60))) for _ in range(12)]
        for _ in range(4 * bool(told)):
            text = random.choice(told)[2]
            start = random.randrange(len(text) - 20)
            piece = [*text[start : start + random.randint(15, 120)]]
            for _ in range(random.choice((0, 2, 6, 12))):
                at = random.randrange(len(piece))
                piece[at : at + random.choice((0, 1, 3))] = random.choice((["12.5%"], [], ["天"]))
            half = len(piece) // 2
            pieces.append("".join(piece if random.random() < 0.7 else piece[half:] + piece[:half]))
        pieces += random.sample(stock, 2)
        random.shuffle(pieces)
        told.append(
            (REGIONS[number % 6], 2000 + number // 3, "\n".join(f"{one}。" for one in pieces))
        )
    return [(one[0], 2000 + at, one[2]) for at, one in enumerate(told)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_twenty_reports_have_what_a_slow_plain_search_finds(seed: int) -> None:
    told, rules = made_up(seed), reuse.Rules()
    slow = exhaustive(told, rules)
    assert len(slow) > 20
    assert indexed(told, rules) == slow


def aligned(first: str, second: str) -> tuple[int, int, int]:
    """The best local alignment (Smith and Waterman; 1 for the same, -1 else): score, both ends."""
    codes = np.frombuffer(second.encode("utf-32-le"), np.uint32)
    row, best = np.zeros(len(second) + 1, int), (0, 0, 0)
    steps = np.arange(len(second) + 1)
    for at, one in enumerate(first):
        same = np.where(codes == ord(one), 1, -1)
        new = np.r_[0, np.maximum(np.maximum(row[:-1] + same, row[1:] - 1), 0)]
        row = np.maximum.accumulate(new + steps) - steps  # what is put in costs 1 each
        if row.max() > best[0]:
            best = int(row.max()), at, int(row.argmax()) - 1
    return best


def test_no_good_alignment_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "COMMON", 99)  # nothing is everybody's
    monkeypatch.setattr(seeds, "LASTING", 99)
    told, missed, good = made_up(4), 0, 0
    texts = ["".join(s for s, _ in plainly(text, "　")) for *_, text in told]
    spans: dict[tuple[int, int], list[tuple[int, int, int, int]]] = {}
    for one, other, *span in indexed(told, reuse.Rules(formula_regions=99, formula_lasting=99)):
        spans.setdefault((one, other), []).append(tuple(span))
    for one, other in combinations(range(len(told)), 2):
        score, end, stop = aligned(texts[one], texts[other])
        if score >= 26:
            good += 1
            there = spans.get((one, other), ())
            missed += not any(a <= end - 12 < b and c <= stop - 12 < d for a, b, c, d in there)
    assert (good > 10, missed) == (True, 0)


@pytest.mark.slow
def test_real_reports_have_what_a_slow_plain_search_finds(corpora: Path) -> None:
    told: Said = []
    for region in REGIONS[:4]:
        paths = sorted((corpora / "lawtext" / "政府工作报告-省自治区" / region).glob("20*.md"))[-5:]
        told += [(region, int(path.stem[:4]), path.read_text("utf-8")[:9000]) for path in paths]
    told.sort(key=lambda one: one[1])
    told = [(region, 2000 + at, text) for at, (region, _, text) in enumerate(told)]
    rules = reuse.Rules()
    assert len(told) == 20
    assert indexed(told, rules) == exhaustive(told, rules) != set()


# ---- classes


def test_who_said_it_before_gives_the_class() -> None:
    one = found(
        [
            ("全国", 2010, PLAIN[0] + C),
            ("河南省", 2011, PLAIN[1] + A),
            ("河南省", 2012, PLAIN[2] + A),
            ("湖北省", 2012, PLAIN[3] + B),
            ("湖南省", 2013, PLAIN[4] + B + C),
        ]
    )
    assert pairs(one) == [("r2", "r1", "own"), ("r4", "r0", "centre"), ("r4", "r3", "other")]
    row = one.table().set_index("source_report_id").loc["r3"]
    assert (row["text"], row["edits"], row["similarity"]) == (B[:-1], "", 1.0)
    assert (row["n_reports"], row["n_regions"], row["n_years"], row["earliest"]) == (2, 2, 2, "r3")


def test_a_centre_that_came_out_in_the_same_year_is_not_told_to_be_first() -> None:
    told = [("全国", 2012, PLAIN[0] + C), ("湖北省", 2012, PLAIN[1] + C)]
    assert [kind for *_, kind in pairs(found(told))] == ["other"]
    for days, kind in (
        (["2012-03-05", "2012-04-01"], "centre"),
        (["2012-03-05", "2012-01-10"], "other"),
        (["2012-03-05", ""], "other"),
    ):
        one = reuse.find(*as_tables(told, published=days))
        assert [row.origin for row in tables.rows(one.table())] == [kind], days


def test_a_copy_that_the_centre_takes_from_a_province_is_no_centre() -> None:
    told = [("湖北省", 2011, PLAIN[0] + C), ("全国", 2012, PLAIN[1] + C)]
    assert pairs(found(told)) == [("r1", "r0", "other")]


def test_formula_is_what_many_regions_say_in_several_years() -> None:
    told = [(region, 2010 + at % 2, PLAIN[at] + A) for at, region in enumerate(REGIONS)]
    five = found(told[:5])
    assert five.table().empty  # it stands in the list
    assert [(row.text, row.n_reports, row.n_regions, row.n_years, row.first, row.last)
            for row in tables.rows(five.formulae())] == [(A[:-1], 5, 5, 2, 2010, 2011)]  # fmt: skip
    assert found(told[:4]).formulae().empty
    assert len(found(told[:4]).table()) == 6
    assert found(told[:4], formula_regions=4).table().empty
    assert found([(region, 2010, text) for region, _, text in told]).formulae().empty
    again = found([("河南省", 2000 + at, PLAIN[at % 6] + A) for at in range(10)])
    assert (len(again.formulae()), len(again.table())) == (1, 0)  # ten years of one region
    fewer = found([("河南省", 2000 + at, PLAIN[at % 6] + A) for at in range(9)])
    assert set(fewer.table()["origin"]) >= {"own"}


def test_near_copies_count_for_a_formula() -> None:
    """Each has it in other words, so that no twelve symbols are the same in five."""
    texts = [
        A.replace("，", f"，{word}") for word in ("还要", "并且", "同时", "继续", "坚决", "一定")
    ]
    texts = [
        re.sub(r"(.{7})", rf"\1{mark}", text)
        for text, mark in zip(texts, "甲乙丙丁戊己", strict=True)
    ]
    told = [(region, 2010 + at, PLAIN[at] + texts[at]) for at, region in enumerate(REGIONS)]
    assert set(found(told, least=12).table()["origin"]) <= {"formula"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("formula_regions", 1, "2 or more"), ("least", 5, "12 or more"), ("sure", -1, "0 or more")],
)
def test_a_threshold_that_means_nothing_is_refused(name: str, value: int, said: str) -> None:
    with pytest.raises(InputError, match=f"{name} is {value}; give {said}"):
        reuse.Rules(**{name: value})


# ---- what tells a copy

FRAME = "全年城镇新增就业{}万人，城镇登记失业率控制在{}%以内，居民消费价格上涨{}%左右，"
USUAL = [
    FRAME.format(60, 4.5, 3),
    "保持平稳健康的经济环境、国泰民安的社会环境、风清气正的政治环境，",
    "深入贯彻落实科学发展观，认真落实中央经济工作会议精神，加快社会主义现代化建设，",
    "统一思想、坚定信心，沉着应对、趋利避害，转变作风、扎实工作，",
    "认真落实“发展要有新路子、改革要有新办法、开放要有新天地”的要求，",
    "在此，我代表省人民政府，向关心和支持本省发展的各界朋友表示衷心的感谢！",
]


def evidence_of(text: str, later: str = "", **about: str) -> tuple[str, float]:
    """Class and evidence of what two provinces, or one, say in the same words."""
    region = about.get("region", "湖北省")
    one = found([("河南省", 2010, PLAIN[0] + text), (region, 2011, PLAIN[1] + (later or text))])
    table = one.table()
    assert len(table) == 1
    return str(table["origin"][0]), float(table["evidence"][0])


@pytest.mark.parametrize("text", USUAL)
def test_what_everybody_writes_tells_no_copy(text: str) -> None:
    assert evidence_of(text)[0] == "unsure"


@pytest.mark.parametrize("text", [A, B, C, *(one + PLAIN[2] for one in PLAIN[3:])])
def test_rare_wording_tells_a_copy(text: str) -> None:
    assert evidence_of(text)[0] == "other"


def test_a_frame_with_other_numbers_is_no_copy_and_its_wording_is() -> None:
    frame = FRAME.format(60, 4.5, 3)
    assert evidence_of(frame, FRAME.format(12, 3.9, 2))[0] == "unsure"
    assert evidence_of(frame + A, FRAME.format(12, 3.9, 2) + A)[0] == "other"


def test_evidence_counts_runs_by_the_third_regions_that_have_them() -> None:
    """B has 42 symbols, so 36 runs of seven; of six regions, one more has it, then two."""
    runs = len(re.sub(r"\W", "", B)) - 6
    told = [(region, 2010, PLAIN[at]) for at, region in enumerate(REGIONS)]
    for others, weight in (
        (1, 1.0),
        (2, 1 - np.log2(2) / np.log2(6)),
        (3, 1 - np.log2(3) / np.log2(6)),
    ):
        said = [
            (region, year, text + B * (at <= others))
            for at, (region, year, text) in enumerate(told)
        ]
        table = found(said).table()
        assert set(table["evidence"]) == {round(max(runs * weight, (runs + 6) / 3.5), 1)}, others


def test_others_must_tell_more_than_a_regions_own() -> None:
    own, other = (evidence_of(A[:27], region=one) for one in ("河南省", "湖北省"))
    assert own[1] == other[1]
    for sure in range(1, 40):
        kinds = []
        for region in ("河南省", "湖北省"):
            told = [("河南省", 2010, PLAIN[0] + A[:27]), (region, 2011, PLAIN[1] + A[:27])]
            kinds.append(found(told, sure=sure).table()["origin"][0])
        wanted = [
            "own" if own[1] >= sure else "unsure",
            "other" if own[1] >= 1.25 * sure else "unsure",
        ]
        assert kinds == wanted


def test_with_nothing_asked_for_all_are_copies() -> None:
    for text in USUAL:
        told = [("河南省", 2010, PLAIN[0] + text), ("湖北省", 2011, PLAIN[1] + text)]
        assert found(told, sure=0).table()["origin"].tolist() == ["other"]


def test_what_five_regions_say_in_one_year_is_unsure_and_in_two_a_formula() -> None:
    told = [(region, 2010, PLAIN[at] + A) for at, region in enumerate(REGIONS[:5])]
    assert {kind for *_, kind in pairs(found(told))} == {"unsure"}
    assert {kind for *_, kind in pairs(found(told[:4]))} == {"other"}


# ---- near copies, and what is none


@pytest.mark.parametrize(
    ("text", "edits_told"),
    [
        (A.replace("三年", "五年"), "三→五"),
        (A.replace("骨干", "龙头"), "骨干→龙头"),
        (A.replace("支持", "在沿江八市同步支持"), "+在沿江八市同步"),
        (A.replace("完整的", ""), "−完整的"),
        (A.replace("加快", "一是加快"), ""),
    ],
)
def test_a_changed_passage_is_found_and_says_what_was_changed(text: str, edits_told: str) -> None:
    one = found([("河南省", 2010, PLAIN[0] + A), ("湖北省", 2011, PLAIN[1] + text)])
    assert pairs(one) == [("r1", "r0", "other")]
    assert one.table()["edits"].tolist() == [edits_told]


def test_exchanged_clauses_numbers_names_and_ranks_do_not_hide_a_copy() -> None:
    first = "河南省规模以上工业增加值预计增长8.5%，" + A[:-1] + "，惠及全省120万户。"
    clauses = (
        first[:-1].replace("河南", "湖北").replace("8.5", "6").replace("120", "1,340").split("，")
    )
    text = "，".join([clauses[0], clauses[2], clauses[1], *clauses[3:]]).replace("全省", "全区")
    one = found([("河南省", 2010, PLAIN[0] + first), ("湖北省", 2011, PLAIN[1] + text + "。")])
    assert pairs(one) == [("r1", "r0", "other")]
    row = one.table().iloc[0]
    assert row["text"].startswith("湖北省规模以上")
    assert row["source_text"].endswith("万户")


@pytest.mark.parametrize("text", [*PLAIN[1:], A[:11], A[:14] + PLAIN[1], "、".join(A[::3])])
def test_what_is_no_copy_stays_none(text: str) -> None:
    assert found([("河南省", 2010, PLAIN[0] + A), ("湖北省", 2011, text)]).table().empty


def test_headings_and_lists_are_text() -> None:
    listed = "\n".join(
        f"（{number}）{clause}" for number, clause in zip("一二三", A.split("，"), strict=True)
    )
    one = found([("河南省", 2010, PLAIN[0] + A), ("湖北省", 2011, f"一、重点工作\n{listed}")])
    assert pairs(one) == [("r1", "r0", "other")]


def test_a_passage_within_one_report_is_not_reported() -> None:
    assert found([("河南省", 2010, A + PLAIN[0] + A)]).table().empty


# ---- a report that is there twice


def test_a_report_that_is_there_twice_is_said_and_not_told_as_copied() -> None:
    text = "\n".join([*PLAIN, A, B])
    one = found(
        [("河南省", 2010, text), ("河南省", 2010, text + "附件"), ("湖北省", 2011, PLAIN[0] + C)]
    )
    assert one.left_out == ["r1"]
    assert len(one.said) == 1
    assert re.match(r"r1 is r0 once more \(\d+% of it is the same\); it is left out", one.said[0])
    assert not set(one.table()["report_id"]) & {"r1"}
    assert set(one.by_sentence()["report_id"]) == {"r0", "r2"}


def test_two_years_that_share_much_are_no_twins() -> None:
    first, second = "\n".join([*PLAIN[:3], A, B]), "\n".join([*PLAIN[3:], A, B])
    one = found([("河南省", 2010, first), ("河南省", 2011, second)])
    assert (one.said, {kind for *_, kind in pairs(one)}) == ([], {"own"})


# ---- shares


def test_each_character_counts_once_by_the_first_that_holds() -> None:
    told = [
        ("全国", 2009, PLAIN[0] + A),
        ("湖北省", 2010, PLAIN[1] + A + B),
        ("湖南省", 2011, PLAIN[2] + B),
        ("湖南省", 2012, PLAIN[3] + A + B),
    ]
    own = found(told).by_sentence().groupby("report_id")[[*reuse.ORIGINS]].sum()
    size = {text: len(re.sub(r"\W", "", text)) for text in (*PLAIN, A, B)}
    told_of = {key: [int(value) for value in row] for key, row in own.T.items()}
    assert told_of == {
        "r0": [0, 0, 0, 0, 0, size[PLAIN[0]] + size[A]],
        "r1": [0, 0, size[A], 0, 0, size[PLAIN[1]] + size[B]],
        "r2": [0, 0, 0, size[B], 0, size[PLAIN[2]]],
        "r3": [0, size[B], size[A], 0, 0, size[PLAIN[3]]],
    }


def test_what_two_say_at_one_time_is_other_in_both() -> None:
    told = [("湖北省", 2010, PLAIN[1] + A), ("湖南省", 2010, PLAIN[2] + A)]
    own = found(told).by_sentence().groupby("report_id")["other"].sum()
    assert own.tolist() == [len(re.sub(r"\W", "", A))] * 2


# ---- a study


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, mangled: Callable[[str], str]) -> gb.Study:
    """Four reports, the last of them as a mirror would show it."""
    folder = tmp_path_factory.mktemp("reuse")
    catalogue.new(folder / "study", "")
    study = gb.Study(folder / "study")
    told = [("全国", 2009, PLAIN[0] + C), ("河南省", 2010, PLAIN[1] + A + B)]
    told += [("湖北省", 2011, PLAIN[2] + A), ("湖北省", 2012, mangled(PLAIN[3] + A + B + C))]
    for at, (region, year, text) in enumerate(told):
        file = folder / f"{at}.txt"
        file.write_text(f"政府工作报告\n{text}\n", "utf-8")
        level = "nation" if region == "全国" else "province"
        assert not study.add(
            file, region=region, year=year - 1, year_given=year, level=level
        ).problems
    return gb.Study(folder / "study")


@pytest.fixture(scope="module")
def mangled() -> Callable[[str], str]:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
    from mangle import convert

    return lambda text: convert(text).replace("，", "&#65292;", 2)


def test_of_few_regions_it_says_that_little_is_known_to_be_usual(
    small: gb.Study, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (said,) = small.reuse().said
    assert said.startswith("3 regions: with fewer than 20 little wording is known to be usual")
    small.reuse().shares().save(tmp_path)
    caption = (tmp_path / "reuse_shares/caption.en.txt").read_text("utf-8")
    assert "Of 3 regions only: little wording is known to be usual" in caption
    assert "in the study twice" not in caption
    monkeypatch.setattr("analysis.study.reuse.FEW", 3)
    assert small.reuse().said == []


def test_a_damaged_report_leads_back_to_its_raw_file(small: gb.Study) -> None:
    table = tables.check(small.reuse().table, "reuse")
    counts = Counter(zip(table["report_id"], table["origin"], strict=True))
    last = small.reports["report_id"].iloc[-1]
    assert counts[last, "own"] >= 1
    assert counts[last, "centre"] == 1
    row = table[(table["report_id"] == last) & (table["origin"] == "centre")].iloc[0]
    assert row["text"] == row["source_text"] == C[:-1]
    raw, source = (small.source(row[name]).text for name in ("report_id", "source_report_id"))
    assert source[row["source_raw_start"] : row["source_raw_end"]] == C[:-1]
    damaged = raw[row["raw_start"] : row["raw_end"]]
    assert damaged != C[:-1]
    assert len(damaged) >= len(C) - 1
    assert small.table("reuse").equals(small.shared)


def test_shares_by_any_place_add_up(small: gb.Study) -> None:
    made = small.reuse()
    for by, column in reuse.BY.items():
        table = made.shares(by).table
        whole = table.drop_duplicates(column)["N_chars"].sum()
        assert table["n"].sum() == whole == made.sentences[[*reuse.ORIGINS]].sum().sum(), by
        assert table.groupby(column)["share"].sum().round(9).eq(1).all(), by
    with pytest.raises(InputError, match="by"):
        made.shares("colour")


@pytest.mark.parametrize("by", ["part", "topic"])
def test_shares_by_any_place_are_saved(small: gb.Study, tmp_path: Path, by: str) -> None:
    """Captions had no word for these, and the evidence no rule."""
    saved = small.reuse().shares(by).save(tmp_path)
    column = reuse.BY[by]
    shown = json.loads((saved.path / "evidence.json").read_text("utf-8"))
    rules = [rule for row in shown["rows"] for one in row["evidence"] for rule in one["rules"]]
    codes = set(small.codings["rule"].str.removeprefix("hits:"))
    assert bool(rules) is (column == "theme")
    assert set(rules) <= codes


def test_evidence_has_both_sides(small: gb.Study, tmp_path: Path) -> None:
    finding = small.reuse().shares()
    last = small.reports["report_id"].iloc[-1]
    behind = finding.of(report_id=last, origin="centre")
    assert behind["source_passage"].tolist() == [C[:-1]]
    page = (finding.save(tmp_path, lang="en").path / "evidence.html").read_text("utf-8")
    assert page.count(f"{C[:-1]}") >= 2
    assert 'class="both"' in page


def test_the_matrix_counts_each_passage_with_the_first_that_had_it(
    small: gb.Study, tmp_path: Path
) -> None:
    finding = small.reuse().matrix()
    cells = {(row.region, row.source_region): row.n for row in tables.rows(finding.table)}
    assert cells[("湖北省", "全国")] == 1
    assert cells[("湖北省", "河南省")] >= 1
    assert ("河南省", "湖北省") not in cells
    assert len(finding.of(region="湖北省", source_region="全国")) == 1
    page = (finding.save(tmp_path, lang="zh").path / "evidence.html").read_text("utf-8")
    assert all(f"{one} → 湖北省" in page for one in ("全国", "河南省"))  # the earlier first


def test_diffusion_says_who_was_first_and_who_is_near(small: gb.Study) -> None:
    table = small.reuse().diffusion("海工装备研究院").table
    assert table[["region", "at", "n", "n_before", "n_neighbours"]].values.tolist() == [
        ["河南省", 2010, 1, 0, 0],
        ["湖北省", 2011, 2, 1, 1],
    ]
    assert table["share"].tolist() == [1 / 3, 2 / 3]
    sentence = small.sentences[small.sentences["text"].str.contains("河湖警长")].iloc[0]
    echoes = small.reuse().diffusion(sentence["sentence_id"]).table
    assert echoes["region"].tolist() == ["全国", "湖北省"]
    with pytest.raises(InputError, match="no report says so"):
        small.reuse().diffusion("没有这句话")


def test_neighbours_are_so_both_ways() -> None:
    told = neighbours()
    assert len(told) == 31
    assert all(one in told[other] for one, near in told.items() for other in near)
    assert {one: len(told[one]) for one in ("陕西", "内蒙古", "海南", "上海")} == {
        "陕西": 8, "内蒙古": 8, "海南": 1, "上海": 2,
    }  # fmt: skip


# ---- its pieces


def test_runs_whose_numbers_begin_alike_are_taken_apart() -> None:
    places = np.array([3, 5, 8, 9, 2])
    full = np.array([70, 71, 70, 71, 90], np.uint64)
    seeds._untangle(np.array([7, 7, 7, 7, 9], np.uint64), full, places)
    assert (places.tolist(), full.tolist()) == ([3, 8, 5, 9, 2], [70, 70, 71, 71, 90])


def test_changes_make_one_text_of_the_other() -> None:
    for one, other in combinations([A, B, A.replace("三", "五"), A[::-1], ""], 2):
        told = [*edits.changes(one, other)]
        assert "".join(piece.before for piece in told) == one
        assert "".join(piece.after for piece in told) == other


def test_the_best_stretch_of_each_window_is_its_own() -> None:
    places = np.array([4, 5, 6, 20, 31, 32, 33])
    of = np.array([0, 0, 0, 0, 1, 1, 1])
    start, end = np.array([0, 28]), np.array([26, 40])
    first, stop, shared = passages._stretch(places, of, start, end)
    assert (first.tolist(), stop.tolist(), shared.tolist()) == ([4, 31], [10, 37], [6, 6])


def test_the_generator_edits_as_much_as_it_says(script: Callable[[str], ModuleType]) -> None:
    planted = script("benchmarks/planted.py")
    text = "\n".join([*PLAIN, A, B, C] * 12).replace("\n", "，")
    texts = [planted.Text(f"r{at % 3}", 2000 + at, text[at:]) for at in range(8)]
    made, where, spent = planted.plant(texts, 5, 40)
    again = planted.plant(texts, 5, 40)
    assert (made, where, spent) == again
    for one in where:
        source = texts[one.source].text[one.source_start : one.source_end]
        target = made[one.target].text[one.start : one.end]
        assert (source == target) == (one.grade == 0 or round(one.grade * len(source)) == 0)
        assert texts[one.source].year < texts[one.target].year
