"""Write made-up annual reports, so that scale can be measured anywhere.

    python benchmarks/synthesize.py N DIR [--seed S] [--damage SHARE]

N text files in DIR/reports with DIR/reports.csv: counties of invented names in the provinces of
China over ten years. Length (3,000 characters on average), sections, numbers and Zipf's law of
words are those of the genre; the sentences say nothing. Report i of a seed is the same whatever N
is, and --damage has that share of the reports served as a mirror site would: traditional
characters, pinyin glosses, headings one byte out of step. The texts are of our own lists below.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from mangle import Site, mangle

from analysis.restore import NUMERALS

if TYPE_CHECKING:
    from collections.abc import Iterator

PROVINCES = (
    "北京市 天津市 河北省 山西省 内蒙古自治区 辽宁省 吉林省 黑龙江省 上海市 "
    "江苏省 浙江省 安徽省 福建省 江西省 山东省 河南省 湖北省 湖南省 广东省 "
    "广西壮族自治区 海南省 重庆市 四川省 贵州省 云南省 西藏自治区 陕西省 甘肃省 "
    "青海省 宁夏回族自治区 新疆维吾尔自治区"
)
YEARS = range(2015, 2025)
COMMON = (
    "法治 政府 建设 工作 推进 行政 执法 服务 管理 制度 加强 全面 落实 依法 "
    "部门 监督 改革 机制 完善 决策 社会 企业 群众 组织 开展 重大 单位 人员 "
    "公开 审查 培训 提升 规范 复议 案件 矛盾 纠纷 化解 责任 体系 能力 水平 "
    "领导 干部 宣传 教育 法律 法规 规章 文件 清单 事项 审批 许可 平台 数据 "
    "信息 办理 窗口 效能 营商 环境 市场 主体 公平 竞争 信用 监管 综合 协调 "
    "联动 基层 社区 乡镇 街道 村居 调解 仲裁 诉讼 应诉 出庭 负责 履行 职责 "
    "职能 转变 优化 创新 试点 示范 创建 评估 考核 督察 督查 整改 问题 短板 "
    "不足 差距 意识 思维 方式 观念 素养 学习 贯彻 精神 会议 思想 指示 部署 "
    "要求 任务 措施 举措 方案 意见 办法 规定 程序 流程 标准 质量 安全 生产 "
    "应急 预案 处置 风险 防范 隐患 排查 治理 污染 生态 保护 食品 药品 医疗 "
    "卫生 教师 学校 学生 就业 创业 养老 住房 交通 城市 农村 农业 产业 项目 "
    "投资 资金 财政 预算 审计 税收 合同 合法 听证 论证 专家 顾问 律师 公证 "
    "援助 普法 宪法 民法 案例 裁量 基准 文书 证据 记录 公示 全程 音像 设备 "
    "系统 网络 智能 在线 移动 终端 共享 归集 目录 编制 修订 清理 废止 备案 "
    "报送 报告 通报 年度 计划 目标 指标 成效 成果 经验 典型 品牌 特色 亮点 "
    "模式 路径 渠道 作用 影响 程度 范围 领域 行业 重点 关键 主要 基本 有效 "
    "积极 主动 深入 扎实 稳步 持续 不断 进一步 切实 严格 认真 充分 明显 显著 "
    "有力 有序"
)
CHARACTERS = (
    "安宝保北本滨昌长常成城川春达大德东恩方丰福富高光广桂贵海和河恒红宏华怀欢惠吉济佳建江金锦京景开康科"
    "乐理力利联良林临灵岭龙隆庐罗明南宁平齐启千前桥青清泉荣瑞三山尚石顺泰唐天铁通同万旺威文武西溪贤祥新"
    "信兴雄秀阳扬伊宜义益银永余玉裕元原远云泽正志中州舟竹卓紫"
)
PAIRS = ["".join(pair) for pair in product(CHARACTERS, repeat=2)]
NUMBERS = (
    "办理行政复议案件{n}件",
    "审查规范性文件{n}件",
    "开展执法检查{n}次",
    "化解矛盾纠纷{n}起",
    "培训执法人员{n}人次",
    "办结率达{p}%",
    "同比增长{p}%",
    "满意率{p}%以上",
    "投入资金{m}亿元",
    "新设企业{n}户",
    "压缩办理时限{p}%",
)
PARTS = (
    (
        "主要举措和成效",
        ("加强组织领导", "完善制度体系", "规范行政执法", "化解矛盾纠纷", "优化营商环境"),
    ),
    ("存在的问题和不足", ()),
    ("下一步工作打算", ()),
)
VOCABULARY = 24_000
PARAGRAPH = 120  # characters on average: a section ends where less than half of one is left
GLOSSES = {"領": "lǐng", "導": "dǎo", "權": "quán", "務": "wù", "質": "zhì", "環": "huán"}


def words() -> list[str]:
    """The vocabulary, commonest first: the genre's words, then made-up names of two and three."""
    draw = random.Random("words")
    names = draw.sample(PAIRS, len(PAIRS))
    longer = ["".join(draw.choices(CHARACTERS, k=3)) for _ in range(VOCABULARY)]
    mixed = [word for pair in zip(names, longer, strict=False) for word in pair]
    return list(dict.fromkeys([*COMMON.split(), *mixed]))[:VOCABULARY]


class Writer:
    """Writes report number i of a seed."""

    def __init__(self, seed: int, damage: float):
        self.seed, self.damage = seed, damage
        self.words, self.provinces = words(), PROVINCES.split()
        shares = 1 / (np.arange(VOCABULARY) + 8.0)  # Zipf–Mandelbrot: frequency of a rank
        self.cumulated = np.cumsum(shares / shares.sum())

    def report(self, i: int) -> tuple[dict[str, object], str]:
        """The catalogue's row of a report, and its text."""
        draw = np.random.default_rng([self.seed, i])
        place, year = divmod(i, len(YEARS))
        province = self.provinces[place % len(self.provinces)]
        number = place // len(self.provinces)
        again, name = divmod(number, len(PAIRS))
        region = f"{province}{PAIRS[name]}{again or ''}县"
        text = self._text(draw, region, YEARS[year])
        if draw.random() < self.damage:
            slips = tuple(found.start() for found in re.finditer("^（", text, re.MULTILINE))
            text = mangle(text, Site(GLOSSES, slips))
        row = {
            "report_id": f"r{i:07d}",
            "region": region,
            "level": "county",
            "year": YEARS[year],
            "path": f"reports/{i // 1000:04d}/r{i:07d}.txt",
        }
        return row, text

    def _text(self, draw: np.random.Generator, region: str, year: int) -> str:
        length = int(3000 * draw.lognormal(-0.072, 0.3))
        ranks = np.searchsorted(self.cumulated, draw.random(length // 2 + 400))
        stock = iter([self.words[min(rank, VOCABULARY - 1)] for rank in ranks.tolist()])
        figures = iter(draw.random(length // 5 + 100).tolist())
        lines = [f"{region}{year}年法治政府建设年度报告"]
        shares = (0.72, 0.12, 0.16)
        for at, ((title, below), share) in enumerate(zip(PARTS, shares, strict=True)):
            lines.append(f"{NUMERALS[at + 1]}、{year + 1 if at == 2 else year}年{title}")
            for number, heading in enumerate(below or ("",), start=1):
                if heading:
                    lines.append(f"（{NUMERALS[number]}）{heading}")
                wanted = length * share / len(below or ("",))
                while wanted > PARAGRAPH / 2:
                    lines.append(self._paragraph(stock, figures))
                    wanted -= len(lines[-1])
        return "\n".join(lines) + "\n"

    def _paragraph(self, stock: Iterator[str], figures: Iterator[float]) -> str:
        said = []
        for _ in range(2 + int(3 * next(figures))):
            clauses = ["".join(next(stock) for _ in range(3 + int(5 * next(figures))))]
            clauses += ["".join(next(stock) for _ in range(6))]
            if next(figures) < 0.45:
                draw = next(figures)
                pattern = NUMBERS[int(draw * 1e6) % len(NUMBERS)]
                values = {"n": int(draw * 3000) + 1, "p": f"{draw * 99:.1f}"}
                clauses.append(pattern.format(**values, m=f"{draw * 20:.2f}"))
            said.append("，".join(clauses) + "。")
        return "".join(said)


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("n", type=int)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--damage", type=float, default=0.0, help="share of reports damaged")
    arguments = parser.parse_args()
    write(arguments.n, arguments.dir, arguments.seed, arguments.damage)


def write(n: int, folder: Path, seed: int = 0, damage: float = 0.0) -> None:
    """Write n reports and their catalogue."""
    writer, rows = Writer(seed, damage), []
    for i in range(n):
        row, text = writer.report(i)
        path = folder / str(row["path"])
        if i % 1000 == 0:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        rows.append(row)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "reports.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
