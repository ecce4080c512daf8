"""Draw the READMEs' pictures anew, as the code draws them now: `make samples`.

The screenshot explore.png is made by the browser test, since it shows JupyterLab.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

from analysis import cli

WIDTH = 1400
FIGURE, NOTEBOOK = "rates_over_time", "keyword_frequency"


def make(out: Path) -> list[Path]:
    """Write the picture into a folder in both languages; their places."""
    made = []
    with tempfile.TemporaryDirectory() as folder:
        for lang in ("en", "zh"):
            sets, run = Path(folder) / f"{lang}.csv", Path(folder) / lang
            sets.write_text(f"reports,lang\nxiamen-2022,{lang}\n", encoding="utf-8")
            if cli.main(["render", str(sets), "--out", str(run), "--notebook", NOTEBOOK]):
                raise SystemExit(f"{NOTEBOOK} could not be rendered")
            (drawn,) = run.glob(f"*/{FIGURE}/figure.png")
            with Image.open(drawn) as picture:
                size = WIDTH, round(picture.height * WIDTH / picture.width)
                small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
            made.append(out / f"{FIGURE}.{lang}.png")
            small.save(made[-1], optimize=True)
    return made


if __name__ == "__main__":
    print(*make(Path(__file__).parent), sep="\n")
