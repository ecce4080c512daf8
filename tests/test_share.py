"""The zip for a co-author: what is in it, and no path of this machine."""

import io
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from analysis.batch.share import share
from analysis.kit import InputError


@pytest.fixture(scope="module")
def run(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One notebook rendered for the bundled study, with paths slipped into its texts."""
    out = Path(shutil.copytree(rendered, tmp_path_factory.mktemp("run") / "out"))
    caption = out / "theme_coverage" / "theme_coverage" / "methods.zh.md"
    unix, windows = Path("/", "home", "someone").as_posix(), "\\".join(["C:", "Users", "someone"])
    words = f"文件在 {out}/x.txt、file://{unix}/报告.txt 和 {windows}\\y.txt。"
    caption.write_text(words, encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def packed(run: Path) -> dict[str, bytes]:
    target = share(run, run.parent / "shared.zip")
    return opened(target.read_bytes())


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_zip_has_reports_a_document_tables_and_figures(packed: dict[str, bytes]) -> None:
    names = set(packed)
    assert {"shared/index.html", "shared/brief.docx"} <= names
    assert [name for name in names if re.fullmatch(r"shared/[^/]+/report\.html", name)]
    for file in ("figure.pdf", "figure.svg", "figure.png", "data.csv", "data.xlsx", "data.tex"):
        assert [name for name in names if name.endswith(f"/theme_coverage/{file}")], file
    assert not [name for name in names if name.endswith(".ipynb")]


def test_the_index_links_only_to_what_is_in_the_zip(packed: dict[str, bytes]) -> None:
    links = re.findall(r'(?:href|src)="([^"#:]+)"', packed["shared/index.html"].decode())
    assert links
    assert {f"shared/{link}" for link in links} <= set(packed)
    assert ">主题覆盖 · theme_coverage" in packed["shared/index.html"].decode()


def test_no_file_of_the_zip_names_a_folder_of_this_machine(
    run: Path, rendered: Path, packed: dict[str, bytes]
) -> None:
    texts = {}
    for name, data in packed.items():
        if name.endswith((".docx", ".xlsx")):
            with zipfile.ZipFile(io.BytesIO(data)) as office:
                texts |= {f"{name}/{inner}": office.read(inner) for inner in office.namelist()}
        else:
            texts[name] = data
    private = [str(run), str(rendered), str(Path.cwd()), "home/someone", "Users\\someone"]
    for name, data in texts.items():
        for folder in private:
            assert folder.encode() not in data, (name, folder)
    (methods,) = [data for name, data in packed.items() if name.endswith("/methods.zh.md")][:1]
    assert "报告.txt" in "".join(d.decode() for n, d in packed.items() if n.endswith("zh.md"))
    assert methods


def test_the_same_run_gives_the_same_zip(run: Path, tmp_path: Path) -> None:
    again = share(run, tmp_path / "shared.zip")
    assert again.read_bytes() == (run.parent / "shared.zip").read_bytes()


def test_what_is_no_run_is_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no run"):
        share(tmp_path, tmp_path / "z.zip")
    shutil.copy(run / "results.csv", tmp_path)
    with pytest.raises(InputError, match="no unit"):
        share(tmp_path, tmp_path / "z.zip")
    assert not (tmp_path / "z.zip").exists()


def test_a_refusal_names_the_file_of_the_run(run: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(run, tmp_path / "out"))
    data = next(out.glob("*/*/data.csv"))
    data.write_bytes(b"")
    with pytest.raises(InputError) as caught:
        share(out, tmp_path / "z.zip")
    assert str(caught.value).startswith(str(data))
