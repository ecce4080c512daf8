"""What each command is for: the list that `gongbao --help` shows, by task, with an example each."""

from __future__ import annotations

TASKS = {
    "A study of your own": {
        "new": "gongbao new my-study --design census",
        "add": "gongbao add province.csv reports/ more.zip --data my-study",
        "check": "gongbao check --data my-study",
        "clean": "gongbao clean --data my-study",
        "restore": "gongbao restore mangled.txt --edits edits.csv",
    },
    "Figures": {
        "report": "gongbao report --lang en",
        "render": "gongbao render --data my-study --out figures --reports 'year>=2015'",
        "figure": "gongbao figure figures/theme_coverage/theme_sections --preset slides",
        "lab": "gongbao lab --data my-study",
    },
    "Numbers": {
        "table": "gongbao table codings --data my-study -o codings.xlsx",
        "panel": "gongbao panel --data my-study --topics topics.txt -o panel.dta",
        "words": "gongbao words suggest --data my-study --topics topics.txt -o words.xlsx",
        "extract": "gongbao extract --data my-study --review figures.xlsx",
        "reuse": "gongbao reuse --data my-study -o passages.csv",
        "commitments": "gongbao commitments --data my-study --review promises.xlsx",
        "corpus": "gongbao corpus query my-study concordance 法治政府",
    },
    "Trust": {
        "trace": "gongbao trace figures/theme_coverage/theme_sections#r47",
        "sample": "gongbao sample --data my-study -o to-code.xlsx",
        "validate": "gongbao validate --data my-study --against to-code.xlsx",
        "coding": "gongbao coding assign --data my-study --coders 甲,乙 -o parts",
        "codebook": "gongbao codebook topics --data my-study --html topics.html",
        "segment": "gongbao segment --compare --data my-study",
        "diff": "gongbao diff figures other-figures",
    },
    "Handing over": {
        "share": "gongbao share figures",
        "replicate": "gongbao replicate figures -o package.zip",
    },
    "This machine": {
        "doctor": "gongbao doctor",
        "completion": "gongbao completion bash > ~/.gongbao-completion  # source it",
    },
}
"""Task → command → an example of it."""

EXAMPLES = {name: line for examples in TASKS.values() for name, line in examples.items()}
