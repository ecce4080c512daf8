"""Markup and furniture: what goes from the text, on record, and what must stay."""

from pathlib import Path

import pytest

from analysis.restore import restore
from analysis.restore.record import replay

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases" / "files"

BODY = "各位代表：\n过去一年，我们修了桥。\n一、修路\n明年再修一条路。\n"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("# 一、**法治**政府 #\n修桥。", "一、法治政府\n修桥。"),
        ("---\ntitle: 报告\nsource:\n- https://example.org\n---\n\n正文。", "\n正文。"),
        ("---\ntitle: 报告\n----\n\n正文。", "\n正文。"),
        ("\n---\ntitle: 报告\n...\n正文。", "正文。"),
        ("# 题\n一\n\n---\n二\n**三\n**\n", "题\n一\n\n二\n三\n"),
        ("<!-- 图片\n说明 -->\n# 正文\n", "正文\n"),
        ("# 题\n> 引文。\n- 条目。\n1. 编号。\n", "题\n引文。\n条目。\n1. 编号。\n"),
        ("|指标|数值|\n|---|---:|\n|人口|12|\n", "指标\t数值\n人口\t12\n"),
        ('<p style="text-indent:2em">修桥。</p><p>修路。</p>', "修桥。\n修路。"),
        ("修桥。<br/>修路。", "修桥。\n修路。"),
        ("# 题\n![图](a.png)\n见[附件](https://example.org/a)。\n", "题\n见附件。\n"),
        ("# 题\n一\\*二[^1]\n", "题\n一*二\n"),
        ("<details>\n<summary>目录</summary>\n\n- 第一篇\n</details>\n正文。", "正文。"),
        ("**一、回顾。**2021年修桥。", "一、回顾。2021年修桥。"),
    ],
)
def test_markup_goes_on_record(raw: str, text: str) -> None:
    restored = restore(raw)
    assert restored.text == text
    assert {edit.rule for edit in restored.edits} == {"markup"}
    assert replay(raw, restored.edits) == text
    assert restore(raw, keep=["markup"]).text == raw
    for ended in ("\r\n", "\n"):  # as Windows ends a line
        theirs = restore(raw.replace("\n", ended))
        assert theirs.text.replace(ended, "\n") == text


@pytest.mark.parametrize(
    "raw",
    [
        "张**、李**等3人受到处分。",
        "2**3=8，a|b，P<0.05且q>0.1。",
        "《<中华人民共和国宪法>解读》",
        "- 甲方不动\n> 乙方不动\n",
        "“*人计划”“百*计划”",
        "----\n一、甲\n",
        "----\n一、甲：乙。\n----\n二、丙。\n",
        "...\n注意：甲。\n...\n",
        "C#语言和#话题#",
    ],
)
def test_what_plain_text_bears_stays(raw: str) -> None:
    assert restore(raw).edits == ()


@pytest.mark.parametrize(
    ("raw", "gone"),
    [
        (
            "首页\n>\n云南要闻\n云南要闻\n政府工作报告\n"
            f"来源：云南日报\n2026-02-03 09:02:33\n{BODY}",
            6,
        ),
        (f"下载\n打印\n【字号：\n加大\n】\n政府工作报告\n{BODY}相关报道：\n别的消息一则\n", 7),
        (f"政府工作报告\n{BODY}（来源：青海日报）\n编辑：某某\n", 2),
        (f"原创 某某司法\n点击上方蓝字关注我们\n报告\n{BODY}▼\n往期推荐\n某会召开\n点在看\n", 6),
        (
            f"报告\n{BODY}本作品是中华人民共和国的\n法律\n，根据《\n"
            "中华人民共和国著作权法\n》第五条第一项，"
            "本作品不适用于该法，在中国大陆属于\n公有领域\n。\nPublic domain\nfalse\n",
            9,
        ),
        (f"报告\n{BODY}附件：\n2026年政府工作报告.pdf\n", 2),
    ],
)
def test_furniture_goes_on_record_as_whole_lines(raw: str, gone: int) -> None:
    restored = restore(raw)
    assert {edit.rule for edit in restored.edits} == {"furniture"}
    before = [line for line in raw.splitlines() if line]
    after = [line for line in restored.text.splitlines() if line]
    assert len(before) - len(after) == gone
    assert BODY.splitlines() == [line for line in after if line in BODY]
    assert restore(raw, keep=["furniture"]).text == raw


@pytest.mark.parametrize(
    "raw",
    [
        f"政府工作报告\n——2026年1月22日在厦门市人民代表大会上\n市长 某某\n{BODY}",
        "报告\n过去一年，我们修了桥。\n下载\n来源：群众来信\n明年再修一条路。\n",
        f"报告\n{BODY}附件\n1.民生实事清单\n",
        f"市十五届人大五次会议文件\n（共印1110份）\n{BODY}市十五届人大五次会议秘书处\n",
    ],
)
def test_lines_of_the_document_itself_stay(raw: str) -> None:
    assert restore(raw).edits == ()


@pytest.mark.parametrize("name", ["17_markdown/t_markdown.md", "20_wechat/t_wechat.txt"])
def test_the_cases_come_back_as_expected(name: str) -> None:
    if not CASES.is_dir():
        pytest.skip("needs ../shared/cases, which does not stand beside this checkout")
    file = CASES / name
    found = restore(file.read_text("utf-8")).text
    expected = (file.parent / "expected_text.txt").read_text("utf-8")
    assert "".join(found.split()) == "".join(expected.split())
