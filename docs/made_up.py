"""Writes the made-up reports that the tutorials work on: `python made_up.py` in an empty folder.

    province.csv     48 work reports, eight provinces, 2017 to 2022 (the year of the title)
    pilots.csv       what the attention panel is regressed on: an invented pilot, in three provinces
    topics.txt       the topics that are counted

The provinces are real because codes and maps need names; every sentence and figure is invented and
says nothing of these places. What is put in is known: from 2019 on the three pilot provinces have
two more sentences on the digital economy a year; some passages are taken from other reports.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from random import Random

CODES = {
    **{"浙江省": 330000, "福建省": 350000, "广东省": 440000, "江西省": 360000},
    **{"湖北省": 420000, "贵州省": 520000, "云南省": 530000, "甘肃省": 620000},
}
PROVINCES = tuple(CODES)
YEARS = range(2017, 2023)
PILOTS, SINCE = ("浙江省", "福建省", "贵州省"), 2019

BASE = dict(zip(PROVINCES, (68, 75, 66, 79, 72, 88, 81, 64), strict=True))
SHIFT = {2016: 4, 2017: 3, 2018: 0, 2019: -3, 2020: -38, 2021: 9}
"""Growth in tenths of a per cent: a province's own, and what the year adds."""

WINDOW = (
    "群众办事只进一扇门、只找一个窗口，材料只交一次，办得好不好由办事人当场打分，"
    "打分低于{n}分的窗口当月整改。"
)
STUDIO = "在{n}个乡镇设立银发课堂，由退休教师教老人使用手机挂号、缴费和视频通话，学会一人登记一人。"
COPIED = {
    ("浙江省", 2018): [WINDOW.format(n=80)],
    ("江西省", 2019): [WINDOW.format(n=85)],
    ("甘肃省", 2021): [WINDOW.format(n=80)],
    ("云南省", 2018): [STUDIO.format(n=30)],
    ("云南省", 2020): [STUDIO.format(n=60)],
    ("湖北省", 2022): [STUDIO.format(n=45)],
}
"""Two passages and who has them: the second and third take the first's, 云南 takes its own too."""

HOW = (
    "园区",
    "港口",
    "农田",
    "医院",
    "学校",
    "车间",
    "景区",
    "仓库",
    "码头",
    "矿山",
    "街区",
    "牧场",
)
WHAT = ("传感器联网", "账目上云", "货运调度", "病历互认", "用电监测", "水位预报", "质量追溯")
FOR = ("小微企业", "合作社", "老工业基地", "专业市场", "县域商会")
RIVERS = ("东河", "西河", "南溪", "北溪", "青水", "白水", "长渠", "双江")
PLACE = "山前茶园 临江渔港 老城街巷 高坡村寨 环湖集市 林区哨所 盐场宿舍 边境口岸 旱塬果园 海岛码头"
MANNER = "逐户 分批 连夜 免费 按季 轮流 成片 先行"
VERB = "修缮 添置 配齐 更换 加固 清点 测绘 翻新 试用 保护"
KIND = "老旧 节水 防滑 移动 木制 太阳能 儿童 无障碍 冷藏 抗旱 手工 双语"
THING = "水窖 书架 护栏 路灯 校车 粮仓 诊室 菜棚 渔船 泵站 古树 廊桥 灶具 球场 站牌 食堂"
"""Of these each report makes sentences that no other has."""

ROADS = ("沿江", "环湖", "山前", "滨海", "高原", "林区")


def growth(province: str, year: int) -> float:
    """The growth that is reported for a year."""
    return (BASE[province] + SHIFT[year] + (year * 7 + PROVINCES.index(province) * 5) % 5 - 2) / 10


def jobs(province: str, year: int) -> int:
    """New urban jobs of a year, in ten thousands."""
    return 40 + 3 * PROVINCES.index(province) + (year * 3 + PROVINCES.index(province)) % 7 - 2


def digital(province: str, year: int) -> int:
    """How many sentences on the digital economy a report has."""
    pilot = province in PILOTS and year >= SINCE
    return (year - 2016) // 2 + (PROVINCES.index(province) + year) % 2 + 2 * pilot


def on_digital(province: str, year: int) -> Iterator[str]:
    """Its sentences, no two alike."""
    first = PROVINCES.index(province) * 37 + (year - 2017) * 11
    for at in range(first, first + digital(province, year)):
        how, what, for_ = HOW[at % 12], WHAT[at % 7], FOR[at % 5]
        yield f"发展数字经济，支持{for_}在{how}推广{what}，建成示范点{at % 23 + 2}个。"


def own(province: str, year: int, part: str, n: int) -> Iterator[str]:
    """Sentences of this report alone: the same words for the same report, on any machine."""
    chance = Random(f"{province}{year}{part}")
    for _ in range(n):
        clauses = [
            "".join(chance.choice(words.split()) for words in (PLACE, MANNER, VERB, KIND, THING))
            for _ in range(3)
        ]
        yield "，".join(clauses) + "。"


def review(province: str, year: int) -> Iterator[str]:
    """What was done in the year before the report's."""
    at, past = PROVINCES.index(province), year - 1
    yield (
        f"{past}年，地区生产总值增长{growth(province, past)}%，"
        f"城镇新增就业{jobs(province, past)}万人。"
    )
    cut = at * 3 + past % 9 + 5
    yield f"深化放管服改革，取消行政审批事项{cut}项，市场主体增长{at + past % 5 + 6}%。"
    yield f"优化营商环境，企业开办时间压缩到{5 - (past - 2016) // 2}天以内。"
    yield f"落实河长制，完成{RIVERS[at]}综合治理，建成污水处理厂{(at + past) % 4 + 2}座。"
    if (at + past) % 3 == 0:
        yield f"建成{ROADS[at % 6]}公路{past % 100 + at * 4}公里，新建农村学校{at + 3}所。"
    else:
        yield f"改造老旧小区{at * 9 + past % 10 + 20}个，新增普惠性托位{at + past % 6 + 2}千个。"
    yield from own(province, year, "review", 4)
    answered = at * 21 + past % 50
    yield f"制定地方性法规和政府规章{(at + past) % 5 + 3}部，办理人大代表建议{answered}件。"


def plan(province: str, year: int) -> Iterator[str]:
    """What is promised for the report's year."""
    at = PROVINCES.index(province)
    aim = round(BASE[province] / 10 + (0.5 if year < 2019 else -0.5))
    yield (
        f"今年发展的主要预期目标是：地区生产总值增长{aim}%左右，城镇新增就业{40 + 3 * at}万人以上。"
    )
    yield from on_digital(province, year)
    if year >= 2018 + at % 4:
        yield f"开展营商环境评价，出台《{province[:-1]}营商环境条例》实施细则。"
    if (at + year) % 3 == 0:
        yield f"建成{ROADS[at % 6]}公路{year % 100 + at * 4}公里，新建农村学校{at + 3}所。"
    else:
        yield f"改造老旧小区{at * 9 + year % 10 + 20}个，新增普惠性托位{at + year % 6 + 2}千个。"
    plants = (at + year) % 4 + 2
    yield f"压实河长制责任，{RIVERS[at]}水质达到Ⅲ类，年底前完成{plants}座污水处理厂建设。"
    first, *others = own(province, year, "plan", 4)
    yield from (first, *COPIED.get((province, year), []), *others)
    yield "严格规范公正文明执法，推进政务公开，自觉接受人大监督、政协民主监督和社会监督。"


def report(province: str, year: int) -> str:
    """A report: title, review, problems, plan, closing words."""
    lines = [
        f"{year}年{province}政府工作报告",
        "各位代表：",
        "现在，我代表省人民政府向大会报告工作，请予审议。",
        f"一、{year - 1}年工作回顾",
        *review(province, year),
        "在看到成绩的同时，我们也清醒认识到，发展不平衡不充分的问题仍然突出，政府工作还有不足。",
        f"二、{year}年工作安排",
        *plan(province, year),
        "各位代表，让我们团结一心、埋头苦干，完成全年目标任务！",
    ]
    return "\n".join(lines) + "\n"


def write(folder: Path) -> None:
    """Write the three files."""
    rows = [(p, y, report(p, y)) for p in PROVINCES for y in YEARS]
    pilots = [(CODES[p], y - 1, int(p in PILOTS and y >= SINCE)) for p in PROVINCES for y in YEARS]
    for name, head, table in (
        ("province.csv", ("province", "year", "doc"), rows),
        ("pilots.csv", ("region_code", "year", "pilot"), pilots),
    ):
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *table])
    topics = "# digital\n数字经济\n# business\n营商环境\n# rivers\n河长制\n"
    (folder / "topics.txt").write_text(topics, encoding="utf-8")


def study(folder: Path) -> None:
    """The three files beside a study of them, as the commands of the tutorials make it."""
    from analysis import cli

    write(folder.parent)
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        cli.main(["new", str(folder), "--design", "census"])
        cli.main(["add", str(folder.parent / "province.csv"), "--data", str(folder)])


if __name__ == "__main__":
    write(Path())
