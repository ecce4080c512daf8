"""Restoration: broken texts are mended with a record, and whole ones are left alone."""

import json
import re
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mangle import Site, convert, mangle

from analysis.restore import NUMERALS, Edit, Restored, restore, restored_html
from analysis.restore.damage import show
from analysis.restore.document import examine
from analysis.restore.model import load, unpack
from analysis.restore.record import replay

HERE = Path(__file__).parent
BUNDLED = HERE.parent / "data" / "reports" / "xiamen-2022.mangled.txt"
# of the bundled report as it must read, restored by hand (../shared/gold)
GOLD_SHA256 = "3eabe12bc90367ef52154105e8a4e2907bb4b0c8cd589b351c7bfc06cecf74d6"
LAST_LINE = "掃一掃在手機上查看當(dāng)前頁面"


def cases(name: str) -> list[dict[str, str]]:
    return json.loads((HERE / "restore_cases" / f"{name}.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def raw() -> str:
    return BUNDLED.read_text("utf-8")


@pytest.fixture(scope="module")
def restored(raw: str) -> Restored:
    return restore(raw)


class TestTheBundledReport:
    def test_reads_as_restored_by_hand_in_every_character(self, restored: Restored) -> None:
        assert sha256(restored.text.encode()).hexdigest() == GOLD_SHA256

    def test_is_made_from_the_gold_text_by_the_forward_model(self, raw: str, gold: Path) -> None:
        clean = (gold / "xiamen-2022.restored.txt").read_text("utf-8")
        slipped = [n for n, line in enumerate(raw.split("\n")) if line.startswith("。")]
        starts = [m.start() for m in re.finditer("^", clean, re.M)]
        readings = dict(re.findall(r"(\w)\(([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]+)\)", raw))
        glosses = {c: r for c, r in readings.items() if c in convert(clean) and not c.isascii()}
        slips = tuple(starts[n] for n in slipped)
        site = Site(glosses=glosses, slips=slips, foot=(LAST_LINE,))
        assert len(slipped) == 7
        assert mangle(clean, site).encode() == BUNDLED.read_bytes()

    def test_has_its_seven_headings_as_edits_with_what_was_inferred(
        self, restored: Restored
    ) -> None:
        headings = [edit for edit in restored.edits if edit.rule == "phase"]
        assert [edit.after[:3] for edit in headings] == [
            "（三）",
            "（五）",
            "（六）",
            "（一）",
            "（二）",
            "（三）",
            "（四）",
        ]
        assert headings[0].note.startswith("inferred: 三）")

    def test_changes_nothing_the_second_time(self, restored: Restored) -> None:
        assert restore(restored.text).edits == ()

    def test_keeps_the_script_when_told_to(self, raw: str) -> None:
        kept = restore(raw, script="keep").text
        assert "（三）提增立法質效，構建良法善治制度體系" in kept
        assert "(" not in kept

    def test_is_shown_side_by_side_on_a_page_of_its_own(self, restored: Restored) -> None:
        page = restored_html(restored)
        assert page.count("<tr>") == 1 + 18
        assert 'class="phase' in page
        assert "http" not in page


@pytest.mark.parametrize("case", cases("in_the_wild"), ids=lambda case: case["what"])
def test_mends(case: dict[str, str]) -> None:
    script: Any = case.get("script", "auto")
    assert restore(case["raw"], script=script).text == case["restored"]


@pytest.mark.parametrize("case", cases("negative"), ids=lambda case: case["what"])
def test_leaves_alone(case: dict[str, str]) -> None:
    assert restore(case["text"]).edits == ()


@pytest.mark.xfail(reason="not understood yet", strict=True)
@pytest.mark.parametrize("case", cases("known_failures"), ids=lambda case: case["what"])
def test_does_not_mend_yet(case: dict[str, str]) -> None:
    assert restore(case["raw"]).text == case["wanted"]


def test_there_are_at_least_as_many_negative_cases_as_positive_ones() -> None:
    assert len(cases("negative")) >= len(cases("in_the_wild"))


class TestWhatCannotBeKnown:
    def test_lost_bytes_stay_and_are_marked(self) -> None:
        out = restore("全年生产总值\ufffd\ufffd3亿元。")
        assert out.text == out.raw
        assert [(e.rule, e.raw_start, e.certainty) for e in out.unresolved] == [
            ("lost", 6, "unresolved")
        ]
        assert "beside a number" in out.unresolved[0].note

    def test_digits_that_a_replacement_lost_stay_and_are_marked(self) -> None:
        raw = "财政收入增长1$1.$2％，出口$15.2亿，投资A$1B$2亿。"
        found = restore(raw)
        assert [(edit.before, edit.certainty) for edit in found.edits] == [("$1.$2", "unresolved")]
        assert found.text == raw

    def test_censored_names_and_missing_digits_stay_and_are_marked(self) -> None:
        out = restore("規范建設,20**年李*任組長。")
        assert "20**年" in out.text
        assert {e.note for e in out.unresolved} == {
            "digits of the year are missing",
            "a name is censored",
        }

    def test_an_inferred_character_without_rival_evidence_is_never_certain(self) -> None:
        out = restore("規范建設(shè),執(zhí)法有力。\n　2026年1月,會(huì)議召開。")
        assert "certain" not in {e.certainty for e in out.edits if e.rule == "phase"}


def test_what_has_no_width_goes_on_record() -> None:
    out = restore("全市生产\u200b总值\ufeff\u2060增长。\n👩\u200d💻")
    assert out.text == "全市生产总值增长。\n👩\u200d💻"
    assert [(e.rule, e.raw_start, e.raw_end, e.before) for e in out.edits] == [
        ("invisible", 4, 5, "\u200b"),
        ("invisible", 7, 9, "\ufeff\u2060"),
    ]


class TestTheVerdict:
    def test_legitimate_traditional_text_is_converted_only_when_asked(self) -> None:
        text = "政府會繼續落實各項措施，改善市民生活。"
        assert restore(text).edits == ()
        assert restore(text, script="simplified").text == "政府会继续落实各项措施，改善市民生活。"

    def test_one_impossible_word_is_enough_and_may_be_forbidden_to_matter(self) -> None:
        text = "健全權力運行規范。"
        assert restore(text).text == "健全权力运行规范。"
        assert restore(text, script="keep").text == text

    def test_a_gloss_is_one_only_if_its_character_always_has_it(self) -> None:
        assert examine("領(lǐng)導(dǎo)干部帶頭領(lǐng)會").glossed == {"領", "導"}
        assert not examine("領(lǐng)導(dǎo)，領導領導領導").glossed

    def test_refuses_an_unknown_script(self) -> None:
        with pytest.raises(ValueError, match="traditional"):
            restore("文", script="traditional")  # type: ignore[arg-type]


class TestTheRecord:
    def test_leads_back_over_deletions_and_insertions(self) -> None:
        raw = "ab(x)cd"
        edits = (
            Edit(1, "gloss", 2, 5, "(x)", "", "certain"),
            Edit(2, "phase", 5, 6, "c", "XYZ", "likely"),
        )
        out = Restored(raw, replay(raw, edits), edits)
        assert out.text == "abXYZd"
        assert out.raw_span(0, 2) == (0, 2)
        assert out.raw_span(1, 3) == (1, 6)
        assert out.raw_span(3, 4) == (5, 6)
        assert out.raw_span(5, 6) == (6, 7)

    def test_is_refused_by_another_text(self) -> None:
        with pytest.raises(ValueError, match="another text"):
            replay("文本", [Edit(1, "simplify", 0, 1, "領", "领", "certain")])


def test_the_forward_model_loses_undefined_pairs() -> None:
    # A1 A3A8 B6FE A3A9 B8FC 839E, read two by two: FEA3 is not in GBK, and 9E stands alone
    assert show(0xA1, "（二）更優") == ("。ǘ└鼉", 1)


def test_numerals_of_paragraphs_run_from_1_to_99() -> None:
    assert [NUMERALS[n] for n in (3, 10, 12, 20, 34, 99)] == [
        *("三", "十", "十二", "二十", "三十四", "九十九")
    ]
    assert len(set(NUMERALS)) == 100


def test_text_in_another_encoding_is_said_to_be_that_and_no_word_is_invented() -> None:
    clean = BUNDLED.read_text("utf-8")[:1500]
    text = re.sub(r"\([^()]*\)", "", clean).encode("big5", "ignore").decode("gb18030", "replace")
    text = re.sub("[\ue000-\uf8ff]", "", text)  # with them it can be read, see test_damage
    out = restore(text)
    (said,) = [edit for edit in out.edits if edit.rule == "phase"]
    assert said.certainty == "unresolved"
    assert "wrong encoding" in said.note
    assert said.before == said.after


def test_a_search_without_end_stops_and_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    clean = restore(BUNDLED.read_text("utf-8")).text[:1200]
    text = mangle(clean, Site(slips=tuple(range(0, 1200, 60))))
    whole = [edit for edit in restore(text).edits if edit.rule == "phase"]
    monkeypatch.setattr("analysis.restore.phase.MOST", 60)
    *before, last = (edit for edit in restore(text).edits if edit.rule == "phase")
    assert 1 < len(before) < len(whole) - 1
    assert [(one.raw_start, one.after) for one in before] == [
        (one.raw_start, one.after) for one in whole[: len(before)]
    ]
    assert last.certainty == "unresolved"
    assert "no more was guessed" in last.note


def test_the_model_holds_no_long_or_lonely_strings_and_packs_the_same_twice(
    script: Callable[[str], ModuleType],
) -> None:
    builder = script("data/language_model/build.py")
    build, pack = builder.build, builder.pack
    texts = ["坚持依法行政，建设法治政府。\n坚持依法行政，推进改革。"]
    model = build(texts, {"x": "0"})
    places = model.size ** np.arange(4, -1, -1)
    digits = [key // places % model.size for key in model.tables[5].keys]
    spelled = ["".join(model.symbols[n] for n in symbols) for symbols in digits]
    assert "坚持依法行" in spelled
    assert not any("改" in gram for gram in spelled)
    assert pack(model) == pack(build(texts, {"x": "0"}))
    assert unpack(pack(model)).symbols == model.symbols


def test_the_models_chances_add_up_to_one() -> None:
    model = load()
    context = model.encode("坚持依法")[None, :]
    everything = range(model.size)
    chances = np.exp(model.scores(context, np.array(everything), np.array(everything)))
    assert chances.sum() == pytest.approx(1.0, abs=0.1)
    assert model.symbols[int(chances[0].argmax())] in "行治"


WORDS = (
    "坚持党的领导",
    "推进依法行政",
    "建设法治政府",
    "规范权力运行",
    "深化机构改革",
    "优化营商环境",
    "加强行政执法监督",
    "健全应急机制",
    "完善公共法律服务体系",
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, Site]:
    """A clean document of everyday phrases and a site that breaks it."""
    count = draw(st.integers(2, 5))
    lines = [
        f"（{'一二三四五'[n - 1]}）"
        + "，".join(draw(st.lists(st.sampled_from(WORDS), min_size=2, max_size=4)))
        + "。"
        for n in range(1, count + 1)
    ]
    text = "规范行政行为，关系群众利益。\n" + "\n".join(lines)
    starts = [m.start() for m in re.finditer("^", text, re.M)][1:]
    slips = draw(st.lists(st.sampled_from(starts), unique=True, max_size=2))
    share = draw(st.sampled_from(["", "領導", "領導執設優應體構權"]))
    readings = {
        "領": "lǐng",
        "導": "dǎo",
        "執": "zhí",
        "設": "shè",
        "優": "yōu",
        "應": "yīng",
        "體": "tǐ",
        "構": "gòu",
        "權": "quán",
    }
    return text, Site(glosses={c: readings[c] for c in share}, slips=tuple(slips))


class TestWhateverTheSite:
    @settings(deadline=None, max_examples=25)
    @given(documents())
    def test_what_is_certain_is_right_and_the_record_is_true(self, case: tuple[str, Site]) -> None:
        clean, site = case
        out = restore(mangle(clean, site))
        assert replay(out.raw, out.edits) == out.text
        assert out.text.count("\n") == clean.count("\n")
        if all(e.certainty == "certain" for e in out.edits):
            assert out.text == clean
        spans = [out.raw_span(n, n + 1) for n in range(len(out.text))]
        assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(spans))
        assert restore(out.text).text == out.text

    @settings(deadline=None, max_examples=60)
    @given(
        st.text(alphabet="领領導(lǐ)。ㄈ，,&amp;\ufffd\u3000\n\r锟斤拷A1？規范", max_size=60),
        st.sampled_from(["auto", "keep", "simplified"]),
    )
    def test_any_text_gets_a_record_that_makes_it(self, text: str, script: str) -> None:
        out = restore(text, script=script)  # type: ignore[arg-type]
        assert replay(text, out.edits) == out.text
        assert [e.edit for e in out.edits] == list(range(1, len(out.edits) + 1))
