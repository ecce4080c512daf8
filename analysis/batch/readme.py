"""The README of a replication package: one list of blocks, written as Markdown and as a PDF.

Headings are those of the template that social science data editors share; every number is read off
the package. What only authors know is a marked gap. Words stand in readme.yaml; the text of a block
has `names` between backticks and ⟦gaps⟧ between white brackets, and is data everywhere: nothing in
it can be markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from analysis import __version__, tables
from analysis.bundle import references
from analysis.kit import files, font, html

from . import contents
from .contents import DOCUMENTS, WORDS, Contents

Block = dict[str, Any]

MOST = 60
"""Rows of a list that the README shows; a file beside it has all."""

_PACKAGES = ("pandas", "numpy", "pyarrow", "matplotlib", "jieba", "rjieba", "networkx", "wordcloud")
_RUNS = re.compile(r"(`[^`]*`|⟦[^⟧]*⟧|https?://[!#-;=?-Z_a-z~%]+[!#-+/-9=?-Z_a-z~%-])")
_LEVELS = {name: int(level) for level, names in WORDS["levels"].items() for name in names}


class _Said:
    """The wording in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, key: str, **facts: Any) -> Block:
        """A paragraph."""
        return {"kind": "p", "text": self.text(key, **facts)}

    def text(self, key: str, **facts: Any) -> str:
        return str(WORDS["text"][key][self.lang]).format(**facts)

    def word(self, key: str, **facts: Any) -> str:
        return str(WORDS["words"][key][self.lang]).format(**facts)

    def heading(self, key: str) -> Block:
        return {"kind": "h", "level": _LEVELS[key], "text": WORDS["headings"][key][self.lang]}

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Block:
        header = [WORDS["columns"][name][self.lang] for name in columns]
        return {"kind": "table", "header": header, "rows": [[*map(str, row)] for row in rows]}

    def listed(self, items: Sequence[str], *, numbered: bool = False) -> Block:
        return {"kind": "numbers" if numbered else "list", "items": [*items]}


def blocks(package: Contents, lang: str) -> list[Block]:
    """The README in a language, as blocks: kind h, p, list, numbers or table."""
    said = _Said(lang)
    parts = (_overview, _availability, _datasets, _computing, _programs, _figures, _references)
    return [block for part in parts for block in part(package, said)]


# -- its parts ------------------------------------------------------------------------------------


def _overview(package: Contents, said: _Said) -> Iterator[Block]:
    study, lang = package.study, said.lang
    yield said.heading("title")
    yield said.heading("overview")
    yield said("belongs", article=package.answer("article", lang))
    coded = study.path / "validation" / "themes.csv"
    codes = len(tables.csvfile.cells(coded)) if files.there(coded) else 0
    about: dict[str, Any] = {
        "figures": len(package.figures),
        "reports": len(study.reports),
        "codes": codes,
    }
    about |= {"decisions": len(study.decisions)}
    about |= {"notebooks": len({run.notebook for run in package.runs}), "units": len(package.runs)}
    total = sum(run.seconds for run in package.runs)
    title = study.title[lang]
    title = title if package.titled else said.text("untitled", title=title)
    about |= {"title": title, "time": _time(total) or said.text("unknown")}
    yield said("overview", **about)
    yield said(study.design or "none")
    if codes:
        yield said(f"coded_by_{study.coded_by}")
    optional = {
        f"{one}/" for one in ("inputs", contents.TABLES) if not (package.folder / one).exists()
    }
    folders = [
        (f"`{name}`", words[lang]) for name, words in WORDS["folders"] if name not in optional
    ]
    yield said.table(["folder", "what"], folders)


def _availability(package: Contents, said: _Said) -> Iterator[Block]:
    lang, study = said.lang, package.study
    yield said.heading("availability")
    yield said.heading("rights")
    for gap in ("rights_use", "rights_share", "ethics"):
        yield said(gap, answer=package.answer(gap, lang))
    yield said.heading("licence_data")
    yield said("licence_data", answer=package.answer("licence_data", lang))
    yield said.heading("summary")
    held, every = len(package.held), len(study.reports)
    yield said(
        "all" if not held else "nothing" if held == every else "some", held=held, reports=every
    )
    if held:
        yield said("counts")
        said_of = f"unchecked{'' if package.unchecked else '_none'}"
        yield said(said_of, figures=said.word("and").join(f"`{one}`" for one in package.unchecked))
    yield said.heading("sources")
    cited = {one.key: at for at, one in enumerate(package.references(lang), start=1)}
    yield said("reports_are", reports=every, cited=_cited(cited, study.reports["report_id"]))
    rows = []
    for row in tables.rows(contents.availability(package)):
        where = said.text("given", path=row.file)
        if row.provided == "no":
            at = said.text("address", url=row.source_url) if row.source_url else ""
            where = said.text("held", sha256=row.sha256) + (at or said.text("no_address"))
        elif row.source_url:
            where += f"{said.word('then')}{said.text('address', url=row.source_url)}"
        number = f" [{cited[row.report_id]}]" if row.report_id in cited else ""
        rows.append([f"{row.report_id}{number}", f"{row.region}, {row.year}", where])
    yield from _cut(said, ["report", "place", "available"], rows, "data-availability.csv")
    if "obtain" in package.gaps:
        yield said("obtained", answer=package.answer("obtain", lang))
    values = int((study.curated["source_id"].fillna("") != "").sum())
    sources = len(study.sources)
    about = {"values": values, "cited": _cited(cited, study.sources["source_id"])}
    yield said("sources_are" if sources else "no_sources", sources=sources, **about)
    number = said.word("numbers").split(",")[2 if sources else 1]
    yield said("bundled_are", number=number)


def _cited(cited: Mapping[str, int], keys: Iterable[str]) -> str:
    """The numbers of references, in a row where they follow each other.

    >>> _cited({"a": 1, "b": 2, "c": 3, "d": 7}, ["a", "b", "c", "d"]), _cited({}, ["a"])
    ('[1]–[3], [7]', '–')
    """
    numbers = sorted(cited[key] for key in keys if key in cited)
    spans: list[list[int]] = []
    for one in numbers:
        if spans and spans[-1][1] == one - 1:
            spans[-1][1] = one
        else:
            spans.append([one, one])
    said = [f"[{a}]" if a == b else f"[{a}]–[{b}]" for a, b in spans]
    return ", ".join(said) or "–"


def _datasets(package: Contents, said: _Said) -> Iterator[Block]:
    yield said.heading("datasets")
    rows = []
    given = len(package.study.reports) - len(package.held)
    for name, (what, source) in WORDS["datasets"].items():
        place = package.folder / name
        if not place.exists() and not (name == "data/reports" and package.held):
            continue
        counted = len(tables.csvfile.cells(place)) if place.suffix == ".csv" else ""
        whole = said.word("yes")
        if name == "data/reports" and package.held:
            whole = said.word("partly", given=given, all=len(package.study.reports))
            whole = whole if given else said.word("no")
        of = _ours(place, said) or source[said.lang] if counted != 0 else "–"
        rows.append([f"`{name}`", what[said.lang], counted, of, whole])
    yield said.table(["file", "what", "rows", "source", "provided"], rows)
    yield said("dictionary")


def _ours(place: Path, said: _Said) -> str:
    """Which files of a study came with the program and are as they came; '' for none."""
    ours, own = contents.bundled(place)
    if ours and own:
        return said.word("mixed", ours=", ".join(ours), own=", ".join(own))
    return said.word("ours") if ours else ""


def _computing(package: Contents, said: _Said) -> Iterator[Block]:
    yield said.heading("computing")
    yield said.heading("software")
    lock = (package.folder / "software" / "requirements.lock").read_text("utf-8")
    pinned = re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock, re.MULTILINE)
    machine = next((run.machine for run in package.runs if run.machine), "")
    python = re.search(r"Python (\S+)", machine)
    about = {"gongbao": __version__, "locked": len(pinned), "python": python[1] if python else "3"}
    hashes = said.text("hashed") if "--hash" in lock else ""
    yield said("software", **about, hashes=hashes)
    yield said.table(
        ["package", "version"], [[f"`{name}`", f"`{_version(name)}`"] for name in _PACKAGES]
    )
    yield said("internet")
    yield said.heading("randomness")
    drawn = [one for one in package.figures if one.random]
    named = dict.fromkeys(f"`{one.name}` ({said.text(one.random)})" for one in drawn)
    figures = said.word("and").join(named)
    yield said("random" if drawn else "no_random", figures=figures)
    yield said.heading("resources")
    yield said.heading("time")
    total = sum(run.seconds for run in package.runs)
    yield said("time" if total else "time_unknown", total=_time(total))
    yield said.heading("storage")
    drawn_again = sum(contents.sizes(package.folder / contents.FIGURES))
    whole = sum(contents.sizes(package.folder))
    yield said("storage", size=_size(whole), drawn=_size(drawn_again))
    yield said.heading("machine")
    most = max((run.memory for run in package.runs), default=0)
    memory = f"{most} MB" if most else said.text("unknown")
    yield said("machine", machine=machine or said.text("unknown"), memory=memory)


def _programs(package: Contents, said: _Said) -> Iterator[Block]:
    lang = said.lang
    yield said.heading("programs")
    yield said.listed([one[lang] for one in WORDS["text"]["programs"]])
    yield said.heading("licence_code")
    yield said("licence_software")
    yield said("licence_code", answer=package.answer("licence_code", lang))
    yield said.heading("instructions")
    yield said.listed([one[lang] for one in WORDS["text"]["steps"]], numbered=True)
    yield said("untrusted")
    yield said("contact", answer=package.answer("contact", lang))
    yield said.heading("details")
    yield said("details")


def _figures(package: Contents, said: _Said) -> Iterator[Block]:
    yield said.heading("figures")
    yield said("figures_are")
    yield said("numbers")
    rows = []
    for one in package.figures:
        run = one.run
        given = json.dumps(run.parameters, ensure_ascii=False, sort_keys=True)
        asked = f"`{given}`" if run.parameters else said.word("defaults")
        memory = f"{run.memory} MB" if run.memory else said.text("unknown")
        chance = said.text(one.random or "none_random")
        taken = _time(run.seconds) or said.text("unknown")
        title = f"{one.record['title'][said.lang]} (`{one.name}`)"
        rows.append([title, f"`{run.notebook}`", asked, f"`{one.place}/`", taken, memory, chance])
    names = ["figure", "notebook", "parameters", "output", "time", "memory", "random"]
    yield from _cut(said, names, rows, "figures.csv")
    own = sorted(one.name for one in (package.folder / contents.TABLES).glob("*"))
    listed = said.word("and").join(f"`{one}`" for one in own)
    yield said("own_tables", tables=listed) if own else said("no_tables")


def _references(package: Contents, said: _Said) -> Iterator[Block]:
    yield said.heading("references")
    written = references.listed if said.lang == "zh" else references.in_english
    every = [f"[{at}] {written(one)}" for at, one in enumerate(package.references(said.lang), 1)]
    for one in every[:MOST]:
        yield {"kind": "p", "text": _plain(one)}
    if len(every) > MOST:
        file = {"zh": "references.gbt7714.txt", "en": "references.en.txt"}[said.lang]
        yield said("more", shown=MOST, all=len(every), file=f"{DOCUMENTS}/{file}")
    yield said.heading("thanks")
    yield said("thanks")


def _cut(said: _Said, names: list[str], rows: list[list[str]], file: str) -> Iterator[Block]:
    """A table, its first rows where it is long."""
    yield said.table(names, rows[:MOST])
    if len(rows) > MOST:
        yield said("more", shown=MOST, all=len(rows), file=f"{DOCUMENTS}/{file}")


def _plain(text: str) -> str:
    """A text that is no words of ours: its backticks and white brackets are none of ours."""
    return re.sub("[`⟦⟧]", "'", text)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"


def _time(seconds: float) -> str:
    """How long something took, to be read; '' where that is not known.

    >>> _time(35.8), _time(200), _time(0)
    ('36 s', '3.3 min', '')
    """
    return (
        f"{seconds / 60:.1f} min"
        if seconds >= 120
        else f"{max(seconds, 1):.0f} s"
        if seconds
        else ""
    )


def _size(many: int) -> str:
    """Bytes, to be read.

    >>> _size(2_350_000)
    '2.4 MB'
    """
    return f"{many / 1e6:.1f} MB"


# -- as files -------------------------------------------------------------------------------------


def markdown(said: Sequence[Block]) -> str:
    """Blocks as Markdown; every text shows as it is."""
    lines: list[str] = []
    for block in said:
        if block["kind"] == "h":
            lines += ["#" * block["level"] + " " + _marked(block["text"]), ""]
        elif block["kind"] == "p":
            lines += [_marked(block["text"]), ""]
        elif block["kind"] == "table":
            head = ["---"] * len(block["header"])
            rows = [block["header"], head, *block["rows"]]
            lines += [
                "| " + " | ".join(_marked(c) if r is not head else c for c in r) + " |"
                for r in rows
            ]
            lines.append("")
        else:
            numbered = block["kind"] == "numbers"
            items = enumerate(block["items"], start=1)
            lines += [f"{f'{at}.' if numbered else '-'} {_marked(one)}" for at, one in items] + [""]
    return "\n".join(lines)


def _marked(text: str) -> str:
    """A text with its names as code and its gaps in bold, all else as it is."""
    return "".join(map(_run, filter(None, _RUNS.split(text))))


def _run(run: str) -> str:
    if run.startswith("`"):
        return run.replace("|", "\\|")
    if run.startswith("http"):
        return f"<{run}>".replace("|", "%7C")
    if run.startswith("⟦"):
        return f"**[{_marked(run[1:-1])}]**"
    space = re.match(r"(\s*)(.*?)(\s*)$", run, re.DOTALL)
    before, words, after = space.groups() if space else ("", run, "")
    return before + unescape(str(html.markdown(words))).replace("<", "&lt;") + after


def pdf(said: Sequence[Block], lang: str) -> bytes:
    """Blocks as a PDF, fonts embedded, without a date."""
    import typst

    template: Any = html.template("readme.typ").encode()
    made: bytes = typst.compile(
        template,
        font_paths=[str(font.file().parent)],
        ignore_system_fonts=True,
        sys_inputs={"readme": json.dumps({"lang": lang, "blocks": [*map(_runs, said)]})},
    )
    return made


def _runs(block: Block) -> Block:
    """A block whose texts are lists of runs: kind (text, code, gap) and words."""
    made = dict(block)
    for name in ("text", "header", "items", "rows"):
        if name in block:
            made[name] = _split(block[name])
    return made


def _split(held: Any) -> Any:
    if isinstance(held, list):
        return [_split(one) for one in held]
    kinds = {"`": "code", "⟦": "gap"}
    return {
        "runs": [
            [kinds.get(run[0], "text"), run[1:-1].replace("`", "") if run[0] in kinds else run]
            for run in _RUNS.split(held)
            if run
        ]
    }


def write(package: Contents) -> None:
    """Write README.md, README.pdf and the same in Chinese, and the lists that they name."""
    folder = package.folder
    documents = folder / DOCUMENTS
    documents.mkdir(exist_ok=True)
    tables.write(contents.availability(package), documents / "data-availability.csv")
    tables.write(contents.figure_list(package), documents / "figures.csv")
    every = {"zh": package.references("zh"), "en": package.references("en")}
    lists = {
        "references.bib": "\n".join(map(references.in_bibtex, every["zh"])),
        "references.gbt7714.txt": _numbered([*map(references.listed, every["zh"])]),
        "references.en.txt": _numbered([*map(references.in_english, every["en"])]),
    }
    for name, text in lists.items():
        _put(documents / name, text)
    tables.write(contents.dictionary(folder), documents / "data-dictionary.csv")
    for lang, stem in (("en", "README"), ("zh", "README.zh")):
        said = blocks(package, lang)
        _put(folder / f"{stem}.md", markdown(said))
        (folder / f"{stem}.pdf").write_bytes(pdf(said, lang))


def _numbered(lines: Sequence[str]) -> str:
    return "".join(f"[{at}] {line}\n" for at, line in enumerate(lines, start=1))


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
