"""Draws the gallery: each picture of gallery.md by the lines that stand above it, and no others.

`make docs` calls `draw`. The pictures go into docs/_gallery/en and zh, which git does not keep;
they are drawn again when a page, the code or the data changed.
"""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import made_up
from blocks import Block, blocks
from filelock import FileLock

HERE = Path(__file__).resolve().parent
PAGE = HERE / "gallery.md"
DPI = 160


def last(block: Block, names: dict[str, Any]) -> Any:
    """Run a block; what its last line is, None if that is no expression."""
    tree = ast.parse(block.code)
    end = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, PAGE.name, "exec"), names)
    return end and eval(compile(ast.Expression(end.value), PAGE.name, "eval"), names)


def state() -> str:
    """A hash of all that the pictures depend on."""
    root = HERE.parent
    files = [PAGE, *HERE.glob("*.py"), *(root / "analysis").rglob("*.*"), *root.glob("data/**/*.*")]
    found = hashlib.sha256()
    for file in sorted(files):
        if file.is_file() and not {"store", "__pycache__"} & set(file.parts):
            found.update(file.name.encode() + file.read_bytes())
    return found.hexdigest()


def draw(folder: Path) -> None:
    """Draw what has a picture, in both languages; one process at a time, others find it drawn."""
    with FileLock(folder.with_name(".gallery.lock")):
        _draw(folder)


def _draw(folder: Path) -> None:
    stamp, now = folder / "drawn.txt", state()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == now:
        return
    shutil.rmtree(folder, ignore_errors=True)
    names: dict[str, Any] = {}
    with TemporaryDirectory() as scratch, chdir(scratch):
        made_up.study(Path("provinces"))
        for block in blocks(PAGE):
            if block.lang != "python":
                continue
            found = last(block, names)
            for lang in ("en", "zh") if block.picture else ():
                drawn = found.figure(lang=lang)
                picture = folder / lang / Path(block.picture).name
                if picture.stem != found.name:
                    raise ValueError(f"{PAGE}:{block.line}: draws {found.name}, not {picture.stem}")
                picture.parent.mkdir(parents=True, exist_ok=True)
                drawn.savefig(picture, dpi=DPI)
    stamp.write_text(now, encoding="utf-8")


if __name__ == "__main__":
    os.environ.setdefault("MPLBACKEND", "agg")
    draw(HERE / "_gallery")
