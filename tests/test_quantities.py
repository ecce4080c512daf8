"""Figures out of sentences: the reference answers, the coding manual case by case, properties."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import analysis as gb
from analysis.indicators import quantities
from analysis.indicators.numerals import fold, number
from analysis.restore import Restored
from analysis.text import sentences

# One case a line: a sentence of our own, what counts in it (value unit bound, separated by ;, the
# unit _ where there is none), - where nothing does.
COUNTS = """
全市办结案件320件。|320 件 exact
编制“四张清单”1162项。|1162 项 exact
连续6年获评优秀。|6 年 exact
历时三年建成投用。|3 年 exact
连续近十年保持全省首位。|10 年 exact
分两批发布清单。|2 批 exact
出台惠企政策十条。|10 条 exact
建设三条文化带。|3 条 exact
运力提升三成。|3 成 exact
近八成支出用于民生。|8 成 at_most
建成1个市级中心、6个区级中心。|1 个 exact;6 个 exact
建成一个市级中心、三个区级中心。|1 个 exact;3 个 exact
出庭率从85%提升至92.5%。|85 % exact;92.5 % exact
收入比由2.6∶1缩小至2.4∶1。|2.6 _ exact;2.4 _ exact
改造50米以上高层建筑30栋。|50 米 at_least;30 栋 exact
总投资5.2万亿元。|5200000000000 元 exact
受理诉求1.2万件。|12000 件 exact
服务群众3千多万人次。|30000000 人次 at_least
人口增加到1亿3千万人。|130000000 人 exact
产值超万亿元。|1000000000000 元 at_least
产值突破千亿。|100000000000 _ at_least
带动上千家企业。|1000 家 at_least
实施亿元以上项目20个。|100000000 元 at_least;20 个 exact
装机达到320万千瓦。|320 万千瓦 exact
新建管网2.5万公里。|2.5 万公里 exact
粮食产量八百亿斤。|800 亿斤 exact
推进千万吨炼化项目。|1000 万吨 exact
建成20万吨级泊位2个。|20 万吨 exact;2 个 exact
专利增长1.8倍。|1.8 倍 exact
利润增长一倍。|1 倍 exact
失业率下降0.3个百分点。|0.3 个百分点 exact
分别提高15、22个百分点。|15 个百分点 exact;22 个百分点 exact
增长３．５％。|3.5 % exact
增长3·5％。|3.5 % exact
收入１，２３４元。|1234 元 exact
收入1,234元。|1234 元 exact
增长8 ．8 ％。|8.8 % exact
增长1\u200b2%。|12 % exact
三分之二以上的村完成改造。|0.6666666666666666 _ at_least
约占全省1/4。|0.25 _ exact
增长百分之七点九。|7.9 % exact
增长百分之八至九。|8 % at_least;9 % at_most
发展1—2个主导产业。|1 个 at_least;2 个 at_most
增长5%到6%。|5 % at_least;6 % at_most
培养两三名骨干。|2 名 at_least;3 名 at_most
惠及76万群众。|76e4 _ exact
指数达到98.5，居前列。|98.5 _ exact
满意率90%以上。|90 % at_least
集聚800余家企业。|800 家 at_least
办理2000多件。|2000 件 at_least
收入超3000亿元。|300000000000 元 at_least
办件量超过100件。|100 件 at_least
培训至少20场。|20 场 at_least
总量突破300万户。|3000000 户 at_least
占比不低于30%。|30 % at_least
岗位不少于500个。|500 个 at_least
15天以内办结。|15 天 at_most
3个工作日内答复。|3 个工作日 at_most
失业率在5%以下。|5 % at_most
完成不足10%。|10 % at_most
投资近200亿元。|20000000000 元 at_most
费用不超过300元。|300 元 at_most
浓度不高于25微克/立方米。|25 微克/立方米 at_most
约3000人参加。|3000 人 approximate
增长5%左右。|5 % approximate
分别突破300亿元和3000亿元。|300e8 元 at_least;3000e8 元 at_least
约有六百个、约为五成。|600 个 approximate;5 成 approximate
大约增加了五百种。|500 种 approximate
签约30个、签约达30亿元、预约五百人。|30 个 exact;30e8 元 exact;500 人 exact
附加不超过正税的22%。|22 % at_most
三十个以上城市参加。|30 个 at_least
改造30个城市、5个以上县城。|30 个 exact;5 个 at_least
低保标准提高到每月850元。|850 元 exact
改造老旧小区（院）12个（处）以上。|12 个 at_least
每千人口床位6.8张。|6.8 张 exact
承办3届赛事、培训12期。|3 届 exact;12 期 exact
自然增长率为-0.60‰。|-0.6 ‰ exact
净利润为－3.2亿元。|-3.2e8 元 exact
气温−5℃。|-5 ℃ exact
增速为负3.9%。|-3.9 % exact
减负2亿元。|2e8 元 exact
新建5个-10个。|5 个 at_least;10 个 at_most
增长10~15%。|10 % at_least;15 % at_most
办结率≥95%。|95 % at_least
浓度≤35微克/立方米。|35 微克/立方米 at_most
产量一亿四千万吨。|14000 万吨 exact
面积一亿零五百万亩。|10500 万亩 exact
产量3亿5千2百万吨。|35200 万吨 exact
安置3万4000人。|34000 人 exact
拨款1 000万元。|1e7 元 exact
压缩到3个半小时。|3.5 小时 exact
占全部三成半。|3.5 成 exact
分别为120.5、130.2和140.9亿元。|120.5e8 元 exact;130.2e8 元 exact;140.9e8 元 exact
分别提高3个和4个百分点。|3 个百分点 exact;4 个百分点 exact
减少十二万吨至三百万吨。|12 万吨 exact;300 万吨 exact
四千八百亿至五千亿度。|4800 亿度 at_least;5000 亿度 at_most
减少四、五十亿元。|40e8 元 at_least;50e8 元 at_most
减少百分之二、三的占用。|2 % at_least;3 % at_most
大约五六十个。|50 个 at_least;60 个 at_most
纺锭五六六万枚。|566e4 枚 exact
占百分之三八·二。|38.2 % exact
修建二、五〇〇公里。|2500 公里 exact
收入翻两番。|2 番 exact
时间减半。|50 % exact
投资过半。|50 % at_least
园区10km²。|10 km² exact
处理50吨/日。|50 吨/日 exact
拥有3.5件/万人。|3.5 件/万人 exact
死亡率0.99/10万。|0.99 /10万 exact
三十日内作出决定。|30 日 at_most
得分33.64分。|33.64 分 exact
全年GDP1.2万亿元。|1.2e12 元 exact
CPI102.3。|102.3 _ exact
收入过100亿元。|100e8 元 at_least
150家具备条件的企业。|150 家 exact
七万三千担。|73000 担 exact
全厂节约三万元、签订契约四十份。|30000 元 exact;40 份 exact
大约三万元。|30000 元 approximate
产量增长百分之四十六·七。|46.7 % exact
产值是前年的三·四倍。|3.4 倍 exact
合格率只有百分之二三十。|20 % at_least;30 % at_most
损耗占百分之六、七十。|60 % at_least;70 % at_most
占十分之七八。|0.7 _ at_least;0.8 _ at_most
占十分之三、四。|0.3 _ at_least;0.4 _ at_most
招收十五六万人。|150000 人 at_least;160000 人 at_most
装配二十七八台。|27 台 at_least;28 台 at_most
运来三千四五百吨。|3400 吨 at_least;3500 吨 at_most
增加三、五倍。|3 倍 at_least;5 倍 at_most
占四分之一强。|0.25 _ at_least
占三分之一弱。|0.3333333333333333 _ at_most
查出十几万元。|100000 元 at_least
查出一百几十亿元。|100e8 元 at_least
占百分之九十几。|90 % at_least
约有十来个。|10 个 approximate
盖房九百万平方公尺、挖土六千立方公尺。|900 万平方公尺 exact;6000 立方公尺 exact
轧制八百公厘的钢材。|800 公厘 exact
出口原油三百万桶，收入两亿法郎。|3000000 桶 exact;2e8 法郎 exact
停工三个多月。|3 个月 at_least
停工五个星期。|5 个星期 exact
每人分地一亩半，养猪一头半。|1.5 亩 exact;1.5 头 exact
每人增加三尺。|3 尺 exact
拥有四千农户、三百职工。|4000 _ exact;300 _ exact
十亿人民、十亿以上人口。|10e8 _ exact;10e8 _ at_least
收入比原定的计划超过两亿元。|2e8 元 exact
收入比前年增加超过两亿元。|2e8 元 at_least
收入超过两亿元，比重超过20%。|2e8 元 at_least;20 % at_least
收割三于八百亩、新制两万四于种、六于多台。|3800 亩 exact;24000 种 exact;6000 台 at_least
上述四个部门的产值。|4 个 exact
办成八件实事。|8 件 exact
"""
DOES_NOT_COUNT = """
2022年10月8日印发。|-
2021—2025年规划。|-
二〇二二年三月。|-
五年来成效明显。|-
五年累计投入较大。|-
实施三年行动。|-
免除学前一年费用。|-
印发〔2022〕15号文件。|-
召开第六届会议。|-
居全省第3位。|-
跻身500强。|-
进入全国前10位。|-
市委十三届七次、八次全会召开。|-
推进一批项目。|-
新建一条跑道。|-
织密一张网。|-
打造九大场景。|-
开展“八五”普法。|-
推行“一中心、多系统”。|-
获评十大案例。|-
畅通12345热线。|-
全面推行三项制度。|-
推动“五级十五同”。|-
落实“两个基地”定位。|-
《2022年1000件实事方案》印发。|-
三、主要做法|-
（二）完善制度|-
1.推进改革。|-
庆祝建市70周年。|-
产值翻番、规模翻番。|-
开通5G网络和G60走廊。|-
PM2.5浓度下降。|-
二期工程开工、推进二轮承包。|-
培育千亿级产业链。|-
守护千家万户，千方百计稳就业。|-
发展零部件产业。|-
实现清零。|-
构建“1+3+N”体系。|-
完善5+2服务。|-
比例调整为8.3∶41.4∶50.3。|-
今年前三季度运行平稳。|-
每万人覆盖率提升。|-
数十万人受益，几百家参与。|-
研发1类创新药。|-
总值达到74.4|-
联系电话：0592-2890123。|-
财政收入增长1$1.$2%，投资107$1.$26亿元。|-
发布于2022/01/29。|-
2021/2022学年开学。|-
第15届170次会议。|-
9月30日上午9:00召开。|-
开放时间为8时30分至17时30分。|-
制定1∶1万地形图。|-
见第3.5节。|-
组织3·15活动。|-
提供7×24小时服务。|-
1—10日集中办理。|-
重点抓好十个方面工作：|-
时间过半。|-
干出一番事业。|-
万众一心、千山万水。|-
四川铀－235材料。|-
重点抓好九个方面的工作。|-
应当说明两个值得注意的问题。|-
对以下三类企业要先整顿：一、亏损的企业。|-
主要做了以下六项工作：|-
报告分五个部分：第一，农业的成就。|-
今年再办六件实事：一是修路。|-
重点是做三件事：一、修渠。|-
戒严在两个多月前解除，三个月来秩序良好。|-
在过去五个月中没有完成。|-
提前一年零三个月建成。|-
再经过三个五年计划的努力。|-
两万五千里长征的精神。|-
成千上万、成千成万的群众。|-
以十倍的努力、百倍的信心工作。|-
三类小商品的价格放开。|-
抓好两头，做到两头在外。|-
三尺布、二角五分。|-
统一于百年大计，高于一等品。|-
百万雄师、全国百强。|-
占百分之六十五十。|-
"""
DIRECTIONS = """
增长4.2%|change up
下降4.2%|change down
同比升高0.6个百分点|change up
多收3.2亿元|change up
减收1070万元|change down
同比+5.2%|change up
增长-3.5%|change
增速为5%|change
增幅达5%|change up
降幅收窄至5%|change down
高于全国0.7个百分点|change up
低于全国0.7个百分点|change down
不得低于总和的三分之二|target
达到500亿元|level
提高到9%|level
翻一番|change up
减半|change down
裁员3万人|change down
比计划超过3万元|change up
减价5%|change down
力争增长5%|target up
力争达到5%|target
"""
LAW = """
处五万元以上二十万元以下的罚款|50000 at_least target;200000 at_most target
违法所得十万元以上的，可以处三万元罚款|100000 at_least level;30000 exact target
服役满三十年|30 exact level
期限不得超过三年|3 at_most target
五年内不得从业|5 at_most target
可以委托一至二人|1 at_least target;2 at_most target
"""
PLAN = "下一步"
KINDS = """
done|总量达到500亿元、增长5.4%|level change
done|新增床位300张、学位200个|change change
done|新增就业达到5万人|change
done|新建公园12座|level
done|建成泊位8个|level
done|压减支出2亿元|change
done|提高了2.1个百分点|change
done|提升老旧小区12个|level
done|覆盖率提升至90%|level
done|预计达40万人|level
done|增速达5.4%|change
done|增幅高于全国0.7个百分点|change
done|保持20%以上增长|change
done|对增长贡献率达72%|level
done|力争新增就业5万人|target
plan|新增就业5万人|target
plan|生产总值增长5%左右|target
plan|去年生产总值增长6%|change
plan|这四个部门要带头|level
plan|上述三项任务要抓紧|level
plan|目前已建成六座水库|level
plan|产量增加了8%|change
plan|要使产量增加8%|target
plan|已列入计划的水库建成六座|target
plan|占人口80%以上的农民得到好处|level
plan|在占人口80%以上的地区普及|target
plan|2022年比2021年增长5%|change
done|将比去年增长5%|target
done|产量拟定为5万吨|target
plan|比重将由2020年的42%左右，提高到60%|level target
"""


def frame(text: str, part: str = "done", heading: str = "") -> pd.DataFrame:
    """One sentence of a report as the table `sentences`."""
    row = ["r", "r:s001", "s1.1", heading, False, part, text, 100, 100 + len(text), 0, 0]
    return pd.DataFrame([row], columns=list(gb.tables.COLUMNS["sentences"]))


def lines(table: str) -> list[list[str]]:
    return [line.split("|") for line in table.strip().splitlines()]


def read(text: str, **keys: str) -> list[tuple[float, str, str]]:
    found = quantities.find(frame(text, **keys))
    return list(zip(found["value"], found["unit"], found["bound"], strict=True))


@pytest.mark.parametrize(("text", "expected"), lines(COUNTS), ids=lambda value: value[:12])
def test_counts_with_value_unit_and_bound(text, expected):
    wanted = [entry.split() for entry in expected.split(";")]
    assert read(text) == [
        (float(value), "" if unit == "_" else unit, bound) for value, unit, bound in wanted
    ]


@pytest.mark.parametrize("text", [line[0] for line in lines(DOES_NOT_COUNT)])
def test_does_not_count(text):
    assert read(text) == []


@pytest.mark.parametrize(("part", "text", "expected"), lines(KINDS))
def test_kind(part, text, expected):
    found = quantities.find(frame(text + "。", part=part), years={"r": 2022})
    assert " ".join(found["measure_kind"]) == expected


def test_a_report_of_long_ago_tells_of_the_year_that_runs():
    told = frame("从一九五〇年到一九五四年，比重从20%降低到10%。")
    found = quantities.find(told, years={"r": 1953})
    assert found["measure_kind"].tolist() == ["level", "level"]
    aimed = frame("到一九五四年，比重从20%降低到10%。")
    found = quantities.find(aimed, years={"r": 1953})
    assert found["measure_kind"].tolist() == ["level", "target"]


@pytest.mark.parametrize(("text", "expected"), lines(DIRECTIONS))
def test_direction(text, expected):
    found = quantities.find(frame(text + "。"), years={"r": 2022})
    assert [f"{row.measure_kind} {row.direction}".strip() for row in found.itertuples()] == [
        expected
    ]


@pytest.mark.parametrize(("text", "expected"), lines(LAW))
def test_a_law_rules(text, expected):
    articles = [f"第{number}条　{text}。" for number in "一二三"]
    found = quantities.find(pd.concat([frame(one) for one in articles], ignore_index=True))
    said = [f"{row.value:.15g} {row.bound} {row.measure_kind}" for row in found.itertuples()]
    assert said == expected.split(";") * 3


TABLE = """表1 2020年主要产品产量及其增长速度
| 产品 | 单位 | 产量 | 比上年增长% |
| --- | --- | --- | --- |
| 布 | 亿米 | 882.7 | -4.0 |
| 冰箱 | 万台 | 9261.0 | 9.9 |
表2 2020年居民消费价格比上年涨跌幅度
单位：%
- 指 标 全 国 城 市
- 交通和通信 -0.9 0.6
机 床 12 万台 20．0
全年 新建 12 座大桥。"""


def test_a_cell_has_the_unit_and_kind_of_its_column():
    split = sentences.split("r", Restored(TABLE, TABLE, ()), 2020)
    found = quantities.find(split, years={"r": 2020})
    assert [
        (row.what, row.value, row.unit, row.measure_kind, row.direction, row.quote)
        for row in found.itertuples()
    ] == [
        ("布", 882.7, "亿米", "level", "", "882.7"),
        ("布", -4.0, "%", "change", "", "-4.0"),
        ("冰箱", 92_610_000, "台", "level", "", "9261.0"),
        ("冰箱", 9.9, "%", "change", "up", "9.9"),
        ("交通和通信", -0.9, "%", "change", "", "-0.9"),
        ("交通和通信", 0.6, "%", "change", "", "0.6"),
        ("机床", 120_000, "台", "level", "", "12"),
        ("机床", 20, "%", "change", "up", "20．0"),
        ("大桥", 12, "座", "level", "", "12 座"),
    ]


def test_each_of_a_list_counts_its_own():
    found = quantities.find(frame("蔬菜、水果产量分别达到26.6万吨、7.8万吨，分别增长3%和5%。"))
    assert found["what"].tolist() == ["蔬菜产量", "水果产量"] * 2
    found = quantities.find(frame("城乡居民人均可支配收入分别增长8%和9%。"))
    assert found["what"].tolist() == ["城镇居民人均可支配收入", "农村居民人均可支配收入"]


def test_rates_behind_a_list_of_amounts_are_of_each_in_its_turn():
    found = quantities.find(frame("收入21300元、纯收入12120元，分别增长12%、13%。"))
    assert found["what"].tolist() == ["收入", "纯收入"] * 2
    found = quantities.find(
        frame("实际利用内资100亿元，实际利用外资20亿美元，分别比上年增长7%和8%。")
    )
    assert found["what"].tolist() == ["实际利用内资", "实际利用外资"] * 2
    found = quantities.find(frame("城乡居民人均可支配收入达33830元、12500元、各增长9.1%、10.8%。"))
    assert found["what"].tolist() == ["城镇居民人均可支配收入", "农村居民人均可支配收入"] * 2
    found = quantities.find(frame("城乡居民人均可支配收入达33830元、12500元，增长9.1%、10.8%。"))
    urban, rural = "城镇居民人均可支配收入", "农村居民人均可支配收入"
    assert found["what"].tolist() == [urban, rural] * 2


def test_a_goal_is_of_the_year_that_its_section_names():
    text = (
        "二、“十五五”时期目标任务和2026年工作安排\n"
        "2026年主要预期目标是：地区生产总值增长4.5%左右。\n居民消费价格涨幅2%左右。\n"
    )
    found = quantities.find(sentences.split("r", Restored(text, text, ()), 2025), years={"r": 2025})
    assert found["period"].tolist() == ["2026", "2026"]
    assert found["measure_kind"].tolist() == ["target", "target"]


def test_what_follows_a_plan_plans_unless_it_looks_back():
    text = (
        "一、2022年工作情况\n完成10件。\n二、2023年工作安排\n办理20件。\n"
        "2022年，全市办理30件。又办理40件。\n三、全面加强自身建设\n培训50场。"
    )
    found = quantities.find(sentences.split("r", Restored(text, text, ()), 2022), years={"r": 2022})
    assert dict(zip(found["value"], found["measure_kind"], strict=True)) == {
        10: "level",
        20: "target",
        30: "level",
        40: "level",
        50: "target",
    }
    assert found["period"].tolist() == ["2022", "2023", "2022", "2022", "2023"]


@pytest.mark.parametrize(
    ("text", "part", "heading", "period"),
    [
        ("办理5件。", "done", "", "2022"),
        ("办理5件。", "plan", "", "2023"),
        ("今年办理5件。", "plan", "", "2023"),
        ("去年办理5件。", "done", "", "2022"),
        ("2019年办理5件。", "done", "", "2019"),
        ("比2019年增长5%。", "done", "", "2022"),
        ("到2025年建成5个。", "plan", "", "2025"),
        ("“十四五”时期建成5个。", "done", "", "2021-2025"),
        ("五年来办理5件。", "done", "", "2018-2022"),
        ("五年累计办理5件。", "done", "", "2018-2022"),
        ("五年累计办理5件。", "plan", "", "2023-2027"),
        ("五年累计办理5件。", "plan", "二、“十五五”时期主要目标", "2026-2030"),
        ("办理5件。", "plan", "二、“十五五”时期主要目标", "2026-2030"),
    ],
)
def test_period(text, part, heading, period):
    found = quantities.find(frame(text, part, heading), years={"r": 2022})
    assert found["period"].tolist() == [period]


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("比例由2020年的82%提高到91%。", ["2020", "2022"]),
        ("比例从2020年的60.5%上升至2021年的63%。", ["2020", "2021"]),
        ("由2019年的5件增至8件，较2018年增长60%。", ["2019", "2022", "2022"]),
        ("2021年由5件增至8件。", ["2021", "2021"]),
        ("位次从2015年第23位升到第18位；覆盖率提高到65%，新增5件。", ["2022", "2022"]),
        ("从2020年起，扩大到各县；办理5件。", ["2020"]),
    ],
)
def test_the_number_a_figure_has_risen_to_is_not_of_the_year_it_rose_from(
    text: str, periods: list[str]
) -> None:
    assert quantities.find(frame(text), years={"r": 2022})["period"].tolist() == periods


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("2021年，成效明显。办理5件。", ["2021"]),
        ("收入增长是2019年的2倍。办理5件。", ["2022", "2022"]),
        ("应对2001年以来最严重的旱情，建成5座。", ["2022"]),
        ("由2019年的3件增至4件。办理5件。", ["2019", "2022", "2022"]),
        ("比“十三五”末增加3件。办理5件。", ["2022", "2022"]),
        ("“十三五”期间，成效明显。办理5件。", ["2016-2020"]),
    ],
)
def test_what_something_is_compared_with_dates_nothing_else(text, periods):
    both = sentences.split("r", Restored(text, text, ()), 2022)
    assert quantities.find(both, years={"r": 2022})["period"].tolist() == periods


@pytest.mark.parametrize(
    ("text", "year", "periods"),
    [
        ("“五五”计划期间，工业产值增长50%。", 1980, ["1976-1980"]),
        ("“十五”期间增长5%，“十一五”增长6%。", 2010, ["2001-2005", "2006-2010"]),
        ("“一五五”、“十十五”、五五”年增长5%。", 1980, ["1976-1980"]),
    ],
)
def test_an_ordinal_of_plans_that_is_none_is_no_fault(text, year, periods):
    assert quantities.find(frame(text), years={"r": year})["period"].tolist() == periods


@given(st.text("一二三四五六七八九十百零〇两“”年末期来由从", max_size=14))
def test_no_heap_of_numerals_and_quotes_is_a_fault(heap):
    quantities.find(frame(f"{heap}增长5%。"), years={"r": 1980})


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("产值由600亿元增加到900亿元。", ["level", "target"]),
        ("产值由600亿元左右。", ["target"]),
        ("2022年只有纺锭50万枚，建成5座。", ["level", "level"]),
        ("新增高速1000公里的6个项目开工。", ["target", "target"]),
    ],
)
def test_in_a_plan_what_was_is_no_target(text, kinds):
    found = quantities.find(frame(text, "plan"), years={"r": 2022})
    assert found["measure_kind"].tolist() == kinds


def test_a_communique_plans_nothing():
    text = "关于2023年国民经济和社会发展的统计公报\n一、计划\n发电5亿度。\n"
    found = quantities.find(sentences.split("r", Restored(text, text, ()), 2023), years={"r": 2023})
    assert found["measure_kind"].tolist() == ["level"]
    found = quantities.find(frame("新增高速1000公里的6个项目开工。"))
    assert found["measure_kind"].tolist() == ["change", "level"]


def test_without_the_year_reported_on_a_period_is_not_made_up():
    assert quantities.find(frame("今年办理5件。"))["period"].tolist() == [""]


def test_the_noun_phrase_and_the_scope():
    found = quantities.find(frame("全市行政复议纠错率提升至12%，市政府提出98条提升任务。"))
    assert found["what"].tolist() == ["全市行政复议纠错率", "提升任务"]
    assert found["scope"].tolist() == ["全市", "市政府"]
    found = quantities.find(frame("全市收到复议申请523件,受理510件;审查规范性文件47件。"))
    assert found["what"].tolist() == ["全市收到复议申请", "受理", "审查规范性文件"]


def test_quote_keeps_what_the_text_has_and_value_text_the_number_as_written():
    found = quantities.find(frame("增长１２．\u200b５ ％以上。")).iloc[0]
    assert found["quote"] == "１２．\u200b５ ％以上"
    assert found["value_text"] == "１２．\u200b５"
    assert (found["start"], found["end"]) == (102, 102 + len(found["quote"]))


def test_columns_hold_for_a_text_without_figures():
    found = quantities.find(frame("依法行政。"))
    assert list(found.columns) == list(gb.tables.COLUMNS["figures_found"])
    assert found.empty


WORDS = """
全市 增长 约 超过 从 提升至 、 ， 第 “ ” 年 万 亿 千 元 件 个 % ％ 千瓦 以上 左右
- 至 分之 一 二 三 十 百
零 点 1 2 ３ ０ . ． · 多 余 近 ： / 几 半 级 G 两 ，５００
"""
PIECES = [*WORDS.split(), " ", "\u200b"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
def test_every_row_stands_in_its_sentence(text):
    found = quantities.find(frame(text), years={"r": 2022})
    assert found["start"].is_monotonic_increasing
    for row in found.itertuples():
        assert text[row.start - 100 : row.end - 100] == row.quote != ""
        assert row.value_text in row.quote
        assert row.value >= 0 or row.value_text[0] in "-－−负"
        assert f"{row.value:.15g}".isascii()
        assert row.bound in ("exact", "at_least", "at_most", "approximate")


@settings(deadline=None)
@given(st.integers(0, 10**12))
def test_a_number_written_in_chinese_is_read_back(value):
    assert number(chinese(value)) == value


def chinese(value: int) -> str:
    """A whole number in Chinese numerals, the way schoolbooks write it."""
    digits = "零一二三四五六七八九"
    for worth, unit in ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if value >= worth:
            high, low = divmod(value, worth)
            zero = "零" if low and low < worth // 10 else ""
            return chinese(high) + unit + (zero + chinese(low) if low else "")
    return digits[value]


@settings(deadline=None)
@given(st.text(alphabet="１２3．.·• \u200b％，,万亿一点x", max_size=20))
def test_folding_leads_every_character_back(text):
    folded, places = fold(text)
    assert len(folded) == (len(text) if places is None else len(places))
    if places is not None:
        assert places == sorted(set(places))
        assert all(0 <= place < len(text) for place in places)


@pytest.mark.parametrize("text", ["二零二二", "", "一三五", "万元", "六十五十", "一百二百"])
def test_what_is_no_numeral_is_refused(text):
    with pytest.raises(ValueError, match="no numeral"):
        number(text)
