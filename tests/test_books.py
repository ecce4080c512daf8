"""The books of instruments, bindingness and duties on sentences made up and coded by hand."""

from pathlib import Path

import pandas as pd
import pytest

from analysis import themes
from analysis.themes import Codebook, codebook

BOOKS = Path(__file__).parents[1] / "data" / "codebooks"


def hits_and_codes(name: str, *texts: str, part: str = "done") -> tuple[pd.DataFrame, list[str]]:
    book = Codebook.load(BOOKS / f"{name}.yaml")
    ids = [str(at) for at, _ in enumerate(texts)]
    frame = pd.DataFrame({"text": texts, "sentence_id": ids})
    frame = frame.assign(report_id="r", section="s", start=0, is_heading=False, part=part)
    hits = themes.match(frame, book)
    return hits, themes.code(hits, frame, book)["primary_theme"].tolist()


@pytest.mark.parametrize("name", sorted(path.stem for path in codebook.books(BOOKS).values()))
def test_a_book_codes_its_own_examples(name: str) -> None:
    assert list(themes.self_check(Codebook.load(BOOKS / f"{name}.yaml"))) == []


@pytest.mark.parametrize(
    ("text", "plan", "done"),
    [
        ("新建地下管网八百公里，改造泵站十二座。", "supply", "supply"),
        ("筹集资金45亿元用于河道疏浚。", "supply", "supply"),
        ("修订湿地保护条例，加强入河排污口监管。", "environment", "environment"),
        ("促进夜间消费，扩大茶叶出口。", "demand", "demand"),
        ("大力发展现代农业。", "environment", "none"),
        ("坚决守住粮食安全底线。", "environment", "none"),
        ("各位代表！", "none", "none"),
        ("让我们加快建设新港口，为美好明天而奋斗！", "none", "none"),
        ("地区生产总值增长百分之七。", "environment", "none"),
        ("城区面貌焕然一新。", "none", "none"),
    ],
)
def test_a_vague_duty_is_an_instrument_in_a_plan_only(text: str, plan: str, done: str) -> None:
    assert hits_and_codes("instruments", text, part="plan")[1] == [plan]
    assert hits_and_codes("instruments", text, part="done")[1] == [done]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("经营者应当明码标价，不得哄抬价格。", "must"),
        ("任何单位不得阻挠执法，并应当予以配合。", "shall_not"),
        ("应当申报而未申报的，由主管部门处以罚款。", "none"),
        ("应当申报而未申报的，责令改正。", "must"),
        ("各区要摸清底数，鼓励企业参与。", "should"),
        ("这是一项重要工作，主要由街道承担。", "none"),
        ("当事人可以申请复核。", "may"),
        ("所有权归集体，经营权可持续流转。", "none"),
        ("加强协作，支持高校开设课程。", "encourage"),
        ("加大信贷支持力度。", "none"),
        ("推进改革试点，争取扩大范围。", "explore"),
        ("该市入选海绵城市建设试点。", "none"),
        ("部分商品供不应求。", "none"),
        ("加强农田管护。", "none"),
    ],
)
def test_the_modal_that_comes_first_binds(text: str, code: str) -> None:
    assert hits_and_codes("bindingness", text)[1] == [code]


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("登记机关应当在十五日内作出决定。", {"deadline", "duty_holder"}),
        ("年底前完成验收。", {"deadline"}),
        ("由省级卫生主管部门批准。", {"duty_holder"}),
        ("我们要加快改造。", set()),
        ("今年完成管网改造。", set()),
        ("从2003年到2007年共建成三座水库。", set()),
        ("限期改正。", set()),
        ("技术交易活动应当遵循自愿原则。", set()),
    ],
)
def test_a_sentence_may_have_both_flags(text: str, flags: set[str]) -> None:
    hits, _ = hits_and_codes("duties", text)
    assert set(hits.loc[hits["shadowed_by"] == "", "key"]) == flags
