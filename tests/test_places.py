"""Places: what a name means in a year, where a line names one, and how it is spelled.

Codes and readings in the tables below were written down by hand, not taken from the table.
"""

import csv
import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from analysis.text import english, places

ROOT = Path(__file__).resolve().parent.parent


def table() -> list[places.Place]:
    path = ROOT / "data" / "divisions" / "divisions.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert tuple(rows[0]) == places.COLUMNS
    return [
        places.Place(**{**row, "first": int(row["first"]), "last": int(row["last"])})
        for row in rows
    ]


ROWS = table()


# ---- the table


def test_the_table_has_every_division_of_the_latest_year() -> None:
    """The counts of the Ministry of Civil Affairs for the end of 2024; 2,846 with 神农架林区."""
    count = defaultdict(int)
    for row in ROWS:
        count[row.level] += row.last == 2024
    assert dict(count) == {"province": 34, "city": 333, "county": 2846}


def test_no_row_is_a_heading_and_no_code_is_odd() -> None:
    headings = {"市辖区", "县", "市", "直辖县", "省直辖县级行政区划"}
    for row in ROWS:
        assert not headings & {row.name, row.city}
        assert re.fullmatch(r"\d{6}", row.code)
        zeros = {"province": "0000", "city": "00", "county": ""}[row.level]
        assert row.code.endswith(zeros)
        assert row.code.endswith("00") is (row.level != "county")
        assert 1980 <= row.first <= row.last <= 2024


def test_a_region_is_one_division_a_year_and_a_code_is_one_region_a_year() -> None:
    for what in ("region_id", "code"):
        spans = defaultdict(list)
        for row in ROWS:
            spans[getattr(row, what)].append((row.first, row.last))
        for given in spans.values():
            given.sort()
            assert all(one[1] < other[0] for one, other in pairwise(given))


# ---- looking up


def test_every_row_is_found_by_its_parents_and_name_in_its_years() -> None:
    for row in ROWS:
        for year in {row.first, (row.first + row.last) // 2, row.last}:
            assert places.lookup(row.province + row.city + row.name, year=year) == row


@pytest.mark.parametrize(
    ("name", "year", "found"),
    [
        ("厦门市", 2026, ("厦门市", "city", "350200")),
        ("福建省厦门市", 2022, ("厦门市", "city", "350200")),
        ("广西壮族自治区南宁市", 2022, ("南宁市", "city", "450100")),
        ("北京市海淀区", 2022, ("海淀区", "county", "110108")),
        ("北京海淀区", 2022, ("海淀区", "county", "110108")),
        ("福建省福州市鼓楼区", 2022, ("鼓楼区", "county", "350102")),
        ("黔东南州凯里市", 2022, ("凯里市", "county", "522601")),
        ("襄樊市", 2009, ("襄樊市", "city", "420600")),
        ("襄樊市", 2010, ("襄阳市", "city", "420600")),
        ("襄阳市", 2009, ("襄樊市", "city", "420600")),
        ("湖北襄阳市", 2015, ("襄阳市", "city", "420600")),
        ("襄阳县", 1995, ("襄阳县", "county", "420621")),
        ("襄阳区", 2005, ("襄阳区", "county", "420607")),
        ("襄阳区", 2015, ("襄州区", "county", "420607")),
        ("襄阳地区", 1981, ("襄阳地区", "city", "422500")),
        ("巢湖市", 2005, ("巢湖市", "city", "341400")),
        ("巢湖市", 2015, ("巢湖市", "county", "340181")),
        ("思茅市", 2005, ("思茅市", "city", "530800")),
        ("思茅市", 2015, ("普洱市", "city", "530800")),
        ("崇文区", 2005, ("崇文区", "county", "110103")),
        ("崇文区", 2020, ("崇文区", "county", "110103")),
        ("曲靖地区", 1990, ("曲靖地区", "city", "532200")),
        ("曲靖市", 1990, ("曲靖市", "county", "532201")),
        ("曲靖市", 2000, ("曲靖市", "city", "530300")),
        ("伊克昭盟", 1995, ("伊克昭盟", "city", "152700")),
        ("鄂尔多斯市", 2026, ("鄂尔多斯市", "city", "150600")),
        ("海东地区", 2010, ("海东地区", "city", "632100")),
        ("海东市", 2026, ("海东市", "city", "630200")),
        ("重庆市", 1990, ("重庆市", "city", "510200")),
        ("重庆市", 1997, ("重庆市", "province", "500000")),
        ("莱芜市", 2015, ("莱芜市", "city", "371200")),
        ("莱芜市", 2020, ("莱芜市", "city", "371200")),
        ("恩施土家族苗族自治州", 1990, ("鄂西土家族苗族自治州", "city", "422800")),
        ("滨海新区", 2020, ("滨海新区", "county", "120116")),
        ("海口市", 1986, ("海口市", "city", "441000")),
        ("深圳市", 1970, ("深圳市", "city", "440300")),
        ("全国", 1954, ("全国", "nation", "100000")),
        ("国务院", 2024, ("全国", "nation", "100000")),
    ],
)
def test_a_name_is_the_place_of_its_year(name: str, year: int, found: tuple[str, str, str]) -> None:
    place = places.lookup(name, year=year)
    assert place is not None
    assert (place.name, place.level, place.code) == found


@pytest.mark.parametrize(
    "names",
    [
        ("襄樊市", "襄阳市"),
        ("思茅地区", "思茅市", "普洱市"),
        ("昭乌达盟", "赤峰市"),
        ("哲里木盟", "通辽市"),
        ("荆州地区", "荆沙市", "荆州市"),
        ("淮阴市", "淮安市"),
        ("渡口市", "攀枝花市"),
        ("晋江地区", "泉州市"),
        ("达县地区", "达川地区", "达州市"),
        ("襄阳县", "襄阳区", "襄州区"),
        ("滕县", "滕州市"),
        ("通县", "北京市通州区"),
        ("布特哈旗", "扎兰屯市"),
        ("喜桂图旗", "牙克石市"),
        ("中甸县", "香格里拉市"),
    ],
)
def test_old_and_new_names_are_one_region(names: tuple[str, ...]) -> None:
    found = [places.lookup(name) for name in names]
    assert None not in found
    assert len({place.region_id for place in found if place}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("襄阳市", "襄阳县"),
        ("邯郸地区", "邯郸市"),
        ("海南省", "海南藏族自治州"),
        ("吉林省", "吉林市"),
        ("川沙县", "浦东新区"),
        ("威海市", "胶州市"),
        ("湖南省长沙市长沙县", "长沙市"),
    ],
)
def test_what_is_two_regions_stays_two(one: str, other: str) -> None:
    found = [places.lookup(one), places.lookup(other)]
    assert None not in found
    assert len({place.region_id for place in found if place}) == 2


@pytest.mark.parametrize("name", ["鼓楼区", "城关区", "朝阳区", "和平区", "西湖区", "长安区"])
def test_one_name_of_several_counties_means_none_until_its_parent_is_given(name: str) -> None:
    several = places.candidates(name)
    assert len(several) > 1
    assert places.lookup(name) is None
    for place in several:
        assert places.lookup(name, within=place.city or place.province) == place


@pytest.mark.parametrize(
    "name", ["某某市", "新疆生产建设兵团", "苏州工业园区", "市辖区", "县", "", "市", "福建省襄阳市"]
)
def test_what_is_no_division_is_unknown(name: str) -> None:
    assert places.candidates(name) == ()
    assert places.lookup(name) is None
    assert places.level_of(name) == places.province_of(name) == ""


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("广东", "广东省"),
        ("内蒙古", "内蒙古自治区"),
        ("新疆自治区", "新疆维吾尔自治区"),
        ("襄阳", "襄阳市"),
        ("黔东南州", "黔东南苗族侗族自治州"),
        ("黔东南", "黔东南苗族侗族自治州"),
        ("克孜勒苏", "克孜勒苏柯尔克孜自治州"),
        ("吉林", "吉林省"),
        ("海南", "海南省"),
        ("海南州", "海南藏族自治州"),
        ("福建厦门", "厦门市"),
    ],
)
def test_short_names_are_taken_where_asked_for(short: str, name: str) -> None:
    place = places.lookup(short, short=True)
    assert place is not None
    assert place.name == name
    assert places.lookup(short) is None


@pytest.mark.parametrize("short", ["海淀", "和平", "开放", "东方", "平安", "富裕", "友好", "永久"])
def test_no_short_name_of_a_county_is_taken(short: str) -> None:
    assert places.lookup(short, short=True) is None


# ---- in a line


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("在广东省第十四届人民代表大会", [("广东省", "440000")]),
        ("北京市海淀区人民政府", [("北京市海淀区", "110108")]),
        ("2026年厦门市政府工作报告", [("厦门市", "350200")]),
        ("广东：2026年政府工作报告", [("广东", "440000")]),
        ("重庆市政府工作报告", [("重庆市", "500000")]),
        ("重庆市市场监督管理局", [("重庆市", "500000")]),
        ("厦门市民政局2022年法治政府建设年度报告", [("厦门市", "350200")]),
        ("黔东南苗族侗族自治州", [("黔东南苗族侗族自治州", "522600")]),
        ("黔东南州2023年政府工作报告", [("黔东南州", "522600")]),
        ("新疆自治区2006年政府工作报告", [("新疆自治区", "650000")]),
        ("吉林省吉林市", [("吉林省吉林市", "220200")]),
        ("河南省商丘市民权县2022年", [("河南省商丘市民权县", "411421")]),
        ("广西壮族自治区玉林市容县", [("广西壮族自治区玉林市容县", "450921")]),
        ("福州市鼓楼区2023年", [("福州市鼓楼区", "350102")]),
        ("晋城市城区", [("晋城市城区", "140502")]),
        ("和县2023年法治政府建设年度报告", [("和县", "340523")]),
        ("2023年方城县法治政府建设", [("方城县", "411322")]),
        ("二〇二二年昆山市法治政府建设情况", [("昆山市", "320583")]),
        ("关于方城县的报告", [("方城县", "411322")]),
        ("长春.txt", [("长春", "220100")]),
        ("厦门_2022", [("厦门", "350200")]),
        ("厦门市和漳州市", [("厦门市", "350200"), ("漳州市", "350600")]),
        ("2024年国务院政府工作报告", [("国务院", "100000")]),
        ("全国", [("全国", "100000")]),
    ],
)
def test_a_line_names_its_places(line: str, found: list[tuple[str, str]]) -> None:
    got = [(line[start:end], place.code) for start, end, place in places.named(line)]
    assert got == found


@pytest.mark.parametrize(
    "line",
    [
        *("海上海市场", "上海市场监管", "重庆市民", "南昌都市圈", "长春花", "中山装", "白银价格"),
        *("东方", "朝阳", "和平", "开放", "富裕", "友好", "永久", "平安", "白银", "黄山"),
        *("提高县域经济", "全市和县区", "37万山区", "西南山区", "云南山区", "远大东区", "千年古县"),
        *("空白城市", "沿海城市", "适应城市", "航运城市", "城区道路", "新区建设", "鼓楼区2023年"),
        *("全国人民代表大会", "中国共产党第二十次全国代表大会", "国务院办公厅", "苏州工业园区"),
        *("中国（上海）自由贸易试验区", "大同大学", "济南-青岛", "来自广东", "广东、江西等省"),
        *("井冈山革命根据地", "新疆生产建设兵团", "苏州地区", "市辖区", "某某县", ""),
    ],
)
def test_a_line_names_no_place_by_accident(line: str) -> None:
    assert places.named(line) == []


def test_every_province_and_prefecture_finds_itself_in_a_line() -> None:
    for row in ROWS:
        if row.level != "county":
            assert places.named(row.name, year=row.last) == [(0, len(row.name), row)]


def test_every_division_is_found_behind_its_parents() -> None:
    for row in ROWS:
        name = row.province + row.city + row.name
        assert places.named(f"{name}人民政府", year=row.last) == [(0, len(name), row)]


def test_a_rank_that_is_gone_counts_in_its_years_only() -> None:
    assert [place.code for *_, place in places.named("曲靖地区行政公署", year=1990)] == ["532200"]
    assert places.named("曲靖地区行政公署") == []
    assert [place.code for *_, place in places.named("襄樊市政府工作报告")] == ["420600"]


# ---- slugs

READINGS = """
厦门市 xiamen 思明区 siming 北京市海淀区 haidian 重庆市 chongqing 陕西省 shaanxi 山西省 shanxi
西藏自治区 xizang 内蒙古自治区 neimenggu 宁夏回族自治区 ningxia 新疆维吾尔自治区 xinjiang
香港特别行政区 xianggang 六安市 luan 蚌埠市 bengbu 亳州市 bozhou 台州市 taizhou 丽水市 lishui
儋州市 danzhou 东莞市 dongguan 荥阳市 xingyang 莘县 shenxian 浚县 xunxian 长治市 changzhi
长春市 changchun 长沙市 changsha 朝阳市 chaoyang 乐山市 leshan 乐清市 yueqing 乐亭县 laoting
乐陵市 laoling 民乐县 minle 涡阳县 guoyang 六合区 luhe 郫县 pixian 大埔县 dabu 番禺区 panyu
尉犁县 yuli 尉氏县 weishi 铅山县 yanshan 婺源县 wuyuan 歙县 shexian 枞阳县 zongyang 泌阳县 biyang
洪洞县 hongtong 蔚县 yuxian 单县 shanxian 漯河市 luohe 昌都市 changdu 都江堰市 dujiangyan
花都区 huadu 丰都县 fengdu 都匀市 duyun 武都区 wudu 三都水族自治县 sandushuizu 什邡市 shifang
乌什县 wushi 喀什地区 kashi 阿勒泰地区 aletai 锡林郭勒盟 xilinguolemeng 库尔勒市 kuerle
长子县 zhangzi 子长市 zichang 长垣市 changyuan
珲春市 hunchun 穆棱市 muling 繁峙县 fanshi 伽师县 jiashi
佛冈县 fogang 佛坪县 foping 荥经县 yingjing 筠连县 junlian 泊头市 botou 召陵区 shaoling
覃塘区 qintang 龙圩区 longxu 曾都区 zengdu 浪卡子县 langkazi 闵行区 minhang 万柏林区 wanbailin
盱眙县 xuyi 句容市 jurong 邕宁区 yongning 柞水县 zhashui 犍为县 qianwei 鄠邑区 huyi 渑池县 mianchi
神农架林区 shennongjia 曲靖地区 qujing 浦东新区 pudong 新区 xinqu 鄂伦春自治旗 elunchun
黔东南苗族侗族自治州 qiandongnanmiaozudongzu 井陉矿区 jingxingkuang 枣园街道 zaoyuanjiedao
"""


@pytest.mark.parametrize(("name", "slug"), re.findall(r"(\S+) (\S+)", READINGS))
def test_a_slug_is_how_the_name_is_read(name: str, slug: str) -> None:
    assert places.slug(name) == slug


def test_every_slug_is_ascii_and_comes_out_again() -> None:
    for row in ROWS:
        assert re.fullmatch("[a-z]+", row.slug)
        if places.lookup(row.province + row.city + row.name):
            assert places.slug(row.province + row.city + row.name) == row.slug


# ---- the corpora


def test_every_region_of_the_corpora_has_a_code_in_its_year(corpora: Path) -> None:
    seen = 0
    for path in (corpora / "lawtext").glob("*/*/*.md"):
        place = places.lookup(path.parent.name, year=int(path.stem[:4]))
        assert place is not None, path
        assert place.name == path.parent.name, path
        seen += 1
    assert seen > 1600


def test_every_region_of_the_bundled_study_is_known() -> None:
    for name in ("groups.csv", "indicators.csv"):
        with (ROOT / "data" / name).open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                assert places.lookup(row["region"], year=2022), row["region"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *(("陕西省", "Shaanxi"), ("山西省", "Shanxi"), ("内蒙古自治区", "Inner Mongolia")),
        *(("西藏自治区", "Tibet"), ("香港特别行政区", "Hong Kong"), ("全国", "China")),
        *(
            ("北京市", "Beijing"),
            ("西安市", "Xi'an"),
            ("吕梁市", "Lüliang"),
            ("重庆市", "Chongqing"),
        ),
        *(
            ("哈尔滨市", "Harbin"),
            ("蚌埠市", "Bengbu"),
            ("六安市", "Lu'an"),
            ("福建厦门", "Xiamen"),
        ),
        *(("吉林省", "Jilin"), ("吉林市", "Jilin City"), ("海南省", "Hainan")),
        ("海南藏族自治州", "Hainan Prefecture"),
        *(("国务院", "China"), ("某01省", "Mou01"), ("某部", "某部"), ("", "")),
    ],
)
def test_a_region_has_its_english_name(name: str, said: str) -> None:
    assert english.region(name) == said
