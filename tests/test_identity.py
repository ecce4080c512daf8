"""What a report is: region, genre, year reported on, year given, title, date, address."""

from datetime import date

import pytest

from analysis.kit import InputError
from analysis.text import Given
from analysis.text.identity import identify, read_year, report_id, report_id_of

REVIEW = (
    "各位代表：\n现在，我向大会报告工作，请予审议。\n一、{}年工作回顾\n我们修了桥。\n"
    "二、{}年工作安排\n修路。\n"
)


def years(text: str, name: str = "a.txt", **given: object) -> tuple[int, int | None]:
    found = identify(text, name, Given(region="厦门市", **given))
    return found.year, found.year_given


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        ("厦门市政府工作报告（2026）\n", "a.txt", (2025, 2026)),
        # without a year in the title: that of the meeting; in December it is the year reported on
        ("政府工作报告\n——2026年1月22日在厦门市人民代表大会上\n", "a.txt", (2025, 2026)),
        ("政府工作报告\n——2025年12月28日在厦门市人民代表大会上\n", "a.txt", (2025, 2025)),
        ("政府工作报告\n——二○二六年一月二十二日在厦门市人民代表大会上\n", "a.txt", (2025, 2026)),
        ("２０２６年厦门市政府工作报告\n", "a.txt", (2025, 2026)),
        ("二Ｏ二六年厦门市政府工作报告\n", "a.txt", (2025, 2026)),
        # a file's name may have either
        ("政府工作报告\n", "2026.txt", (2025, 2026)),
        ("政府工作报告\n", "2025.txt", (2025, None)),
        ("政府工作报告\n", "厦门市2026年政府工作报告.txt", (2025, 2026)),
    ],
)
def test_the_text_decides_which_year_a_work_report_is_of(
    head: str, name: str, expected: tuple[int, int | None]
) -> None:
    assert years(head + REVIEW.format(2025, 2026), name) == expected


def test_a_plain_year_is_the_titles_for_a_work_report_and_the_reports_for_any_other() -> None:
    silent = "政府工作报告\n各位代表：\n我们修了桥。\n"
    assert years(silent, plain_year=2026) == (2025, 2026)
    assert years("统计公报\n全市修桥十座。\n", plain_year=2025) == (2025, None)
    assert "taken as that of the title" in identify(silent, "厦门市/2026.txt").said[0]


def test_what_the_user_says_of_years_is_final() -> None:
    text = "厦门市政府工作报告（2026）\n" + REVIEW.format(2025, 2026)
    assert years(text, year=2024) == (2024, 2026)
    assert years(text, year_given=2027) == (2025, 2027)
    assert years(text, year=1947) == (1947, 2026)


def test_a_year_that_cannot_be_is_refused_with_the_option() -> None:
    with pytest.raises(InputError, match=r"the year 1890 cannot be right .*give --year\."):
        years("统计公报\n修桥。\n", plain_year=1890)
    late = date.today().year + 2
    with pytest.raises(InputError, match=f"the year {late} cannot be right"):
        years(f"{late}年统计公报\n修桥。\n")


def test_a_plain_year_that_fits_nothing_is_said() -> None:
    text = "厦门市政府工作报告（2026）\n" + REVIEW.format(2025, 2026)
    found = identify(text, "a.txt", Given(plain_year=2019))
    assert found.year == 2025
    assert found.said == ("the year given, 2019, fits neither; its text reports on 2025",)


@pytest.mark.parametrize(
    ("lines", "name", "region", "code", "level"),
    [
        (
            "政府工作报告\n——2026年1月27日在广东省第十四届人民代表大会上\n",
            "a",
            "广东省",
            "440000",
            "province",
        ),
        ("重庆市人民政府工作报告（2026年）\n", "a", "重庆市", "500000", "province"),
        ("政府工作报告\n", "广东：2026年政府工作报告.txt", "广东省", "440000", "province"),
        ("政府工作报告\n市长 某某\n", "襄阳市/2026.txt", "襄阳市", "420600", "city"),
        ("国务院政府工作报告（2026年）\n", "a", "全国", "100000", "nation"),
        ("北京市海淀区2025年法治政府建设年度报告\n", "a", "海淀区", "110108", "county"),
        ("黔东南州政府工作报告（2026年）\n", "a", "黔东南苗族侗族自治州", "522600", "city"),
        ("新疆自治区2026年政府工作报告\n", "a", "新疆维吾尔自治区", "650000", "province"),
        ("襄樊市政府工作报告（2026年）\n", "a", "襄樊市", "420600", "city"),
    ],
)
def test_places_are_read_off_title_venue_name_or_folder(
    lines: str, name: str, region: str, code: str, level: str
) -> None:
    found = identify(lines + REVIEW.format(2025, 2026), name)
    assert (found.region, found.region_code, found.level) == (region, code, level)


def test_a_folder_that_says_another_place_than_the_text_is_told() -> None:
    text = "池州市政府工作报告（2016年）\n" + REVIEW.format(2015, 2016)
    found = identify(text, "沧州市/2016.md")
    assert found.region == "池州市"
    assert "its text says 池州市, its folder 沧州市; taken: 池州市" in found.said


def test_a_made_up_place_is_taken_as_given_and_said() -> None:
    found = identify("报告\n修桥。\n", "a", Given(region="云上县", year=2022))
    assert (found.region, found.region_code, found.level) == ("云上县", "", "county")
    assert found.said == ("云上县 is in no table of divisions; taken as given",)


def test_a_county_of_a_common_name_has_a_code_with_its_province() -> None:
    alone = identify("报告\n", "a", Given(region="鼓楼区", year=2020))
    with_city = identify("报告\n", "a", Given(region="鼓楼区", within="福建省福州市", year=2020))
    assert (alone.region_code, with_city.region_code) == ("", "350102")
    assert "without its province no code" in alone.said[0]


@pytest.mark.parametrize(
    ("region", "year", "expected"),
    [
        ("陕西省", 2024, "shaanxi-2024"),
        ("山西省", 2024, "shanxi-2024"),
        ("厦门市", 2022, "xiamen-2022"),
        ("红河州", 2022, "honghehanizuyizu-2022"),
        ("红河哈尼族彝族自治州", 2022, "honghehanizuyizu-2022"),
        ("福建厦门", 2022, "xiamen-2022"),
        ("襄樊市", 2008, "xiangfan-2008"),
        ("云上州", 2022, "yunshangzhou-2022"),
    ],
)
def test_ids_are_spelled_as_names_are_read(region: str, year: int, expected: str) -> None:
    assert report_id(identify("报告\n", "a", Given(region=region, year=year))) == expected


def test_front_matter_gives_title_address_and_date() -> None:
    raw = "---\nsource: https://example.org/a.html\ntitle: 厦门市政府工作报告（2026）\n"
    raw += "date: 2026/2/9\n---\n"
    raw += "**政府工作报告**\n" + REVIEW.format(2025, 2026)
    found = identify("政府工作报告\n" + REVIEW.format(2025, 2026), "2026.md", raw=raw)
    assert found.title == "厦门市政府工作报告（2026）"
    assert (found.source_url, found.published) == ("https://example.org/a.html", "2026-02-09")


def test_a_bare_title_is_cited_with_its_venue() -> None:
    venue = "2026年1月22日在厦门市第十六届人民代表大会第六次会议上"
    text = f"政 府 工 作 报 告\n——{venue}\n" + REVIEW.format(2025, 2026)
    assert identify(text, "a").title == f"政府工作报告——{venue}"


def test_an_office_is_the_issuer_and_part_of_the_id() -> None:
    found = identify("厦门市司法局2022年法治政府建设年度报告\n一切如常。\n", "a.txt")
    assert (found.region, found.issuer, report_id(found)) == (
        "厦门市",
        "厦门市司法局",
        "xiamen-sifaju-2022",
    )


def test_years_of_cells() -> None:
    cells = ("2025.0", "２０２５", "二〇二五年", "2025年度", "1e3", "x", "-5")
    assert [read_year(one) for one in cells] == [2025, 2025, 2025, 2025, None, None, -5]


@pytest.mark.parametrize(
    ("filename", "first", "region", "year", "level"),
    [
        ("a.txt", "厦门市2022年法治政府建设年度报告", "厦门市", 2022, "city"),
        ("江苏省.txt", "2026年政府工作报告", "江苏省", 2025, "province"),
        ("b.txt", "重庆市人民政府2021年度法治政府建设情况", "重庆市", 2021, "province"),
        ("c.txt", "新疆维吾尔自治区2020年法治政府建设报告", "新疆维吾尔自治区", 2020, "province"),
        ("方城县2023.txt", "我县深入推进全市工作。", "方城县", 2023, "county"),
    ],
)
def test_region_year_and_level_are_read_off(
    filename: str, first: str, region: str, year: int, level: str
) -> None:
    found = identify(first + "\n正文。", filename)
    assert (found.region, found.year, found.level) == (region, year, level)


def test_what_is_given_wins_and_what_is_missing_is_asked_for() -> None:
    with pytest.raises(InputError, match="--region"):
        identify("全市工作。", "2022.txt")
    with pytest.raises(InputError, match="--year"):
        identify("厦门市", "x.txt")
    given = identify("厦门市2022年", "x.txt", Given(region="宁波市", year=2020))
    assert (given.region, given.year) == ("宁波市", 2020)


def test_ids_are_pinyin_with_the_issuer_if_it_is_not_the_government() -> None:
    assert report_id_of("重庆市", "", 2022) == "chongqing-2022"
    assert report_id_of("新疆维吾尔自治区", "", 2022) == "xinjiang-2022"
    assert report_id_of("厦门市", "厦门市司法局", 2022) == "xiamen-sifaju-2022"
    assert report_id_of("厦门市", "厦门市人民政府", 2022) == "xiamen-2022"


@pytest.mark.parametrize(
    ("given", "region", "code", "level"),
    [
        ("云南", "云南省", "530000", "province"),
        ("内蒙古", "内蒙古自治区", "150000", "province"),
        ("上海", "上海市", "310000", "province"),
        ("厦门", "厦门市", "350200", "city"),
        ("厦门市", "厦门市", "350200", "city"),
    ],
)
def test_a_short_name_that_is_given_is_the_place_it_means(
    given: str, region: str, code: str, level: str
) -> None:
    text = "政府工作报告\n——2020年1月12日\n" + REVIEW.format(2019, 2020)
    found = identify(text, "a.txt", Given(region=given))
    assert (found.region, found.region_code, found.level) == (region, code, level)
    assert (f"{given} is taken as {region}" in found.said) == (given != region)


def test_a_municipality_in_the_columns_of_province_and_city_is_one_place() -> None:
    text = "政府工作报告\n——2020年1月12日\n" + REVIEW.format(2019, 2020)
    found = identify(text, "a.txt", Given(region="北京市", within="北京市"))
    assert (found.region_code, found.level) == ("110000", "province")
