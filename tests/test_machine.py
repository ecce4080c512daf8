"""`gongbao --help` tells commands by task, with examples; `doctor` says what is missing."""

import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.cli.main import parser
from analysis.cli.tasks import EXAMPLES, TASKS

ROOT = Path(__file__).resolve().parent.parent


def commands() -> set[str]:
    (found,) = (one.choices for one in parser()._actions if one.dest == "command")
    return {*found}


def test_each_command_is_of_one_task_and_has_an_example_that_parses() -> None:
    assert sorted(name for own in TASKS.values() for name in own) == sorted(commands())
    for name, line in EXAMPLES.items():
        program, *words = shlex.split(line.partition(" > ")[0])
        assert program == "gongbao"
        assert parser().parse_args(words).command == name


def test_help_shows_tasks_and_a_command_shows_its_example(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for asked, said in (
        (["--help"], "A study of your own:\n  new "),
        (["new", "-h"], "example:\n"),
    ):
        with pytest.raises(SystemExit):
            main(asked)
        assert said in capsys.readouterr().out


def test_doctor_finds_nothing_missing_here(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["doctor"]) == 0
    lines = dict(line[2:].split("  ", 1) for line in capsys.readouterr().out.splitlines())
    assert lines["packages"].strip() == "all"
    assert lines["study"].strip() == "data (bundled), 1 reports"


def test_doctor_names_what_is_missing_and_how_to_have_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = ["pandas>=999", "no-such-package", "nor-this; extra == 'scan'"]
    monkeypatch.setattr(metadata, "requires", lambda _: asked)
    (tmp_path / "study.yaml").write_text("lang: [", "utf-8")
    assert main(["doctor", "--data", str(tmp_path)]) == 1
    said = capsys.readouterr()
    version = metadata.version("pandas")
    assert f"missing: pandas>=999 (here: {version}), no-such-package; `pip install .`" in said.out
    assert "missing: nor-this; `pip install 'gongbao[scan]'`" in said.out
    assert "study.yaml" in said.out
    assert said.err == "Not as it should be: packages, study.\n"


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_is_a_script_of_the_shell(
    shell: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["completion", shell]) == 0
    script = tmp_path / "gongbao"
    script.write_text(capsys.readouterr().out, "utf-8")
    assert "commitments" in script.read_text("utf-8")
    if shell == "bash":
        subprocess.run(["bash", "-n", script], check=True)
        asked = "COMP_WORDS=(gongbao doc); COMP_CWORD=1; _shtab_gongbao; echo ${COMPREPLY[@]}"
        done = subprocess.run(
            ["bash", "-c", f"source {script}; {asked}"], capture_output=True, text=True, check=False
        )
        assert done.stdout.split() == ["doctor"], done.stderr


def test_help_needs_no_study() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "reuse", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "gongbao reuse --data my-study -o passages.csv" in done.stdout
