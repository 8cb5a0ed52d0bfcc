"""Exit codes, and one line on stderr for whatever goes wrong."""

import subprocess
import sys

import click
import pytest

import bephw
from bephw.cli import main
from bephw.cli.entry import group


@pytest.fixture
def failing():
    """Add a command that raises what it is told to; gone after the test."""

    def add(error):
        @group.command("fail")
        def fail():
            raise error

    yield add
    group.commands.pop("fail", None)


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for name in ("doctor", "train", "emit", "sim", "check", "boards", "build", "demo", "report"):
        assert f"\n  {name} " in text


def test_no_command_prints_the_help(capsys):
    assert main([]) == 0
    assert "Usage: bephw" in capsys.readouterr().out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"bephw {bephw.__version__}\n"


@pytest.mark.parametrize("name", sorted(group.commands))
def test_every_command_has_help(name, capsys):
    assert main([name, "--help"]) == 0
    assert "Usage: bephw" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (bephw.errors.BephwError("x: must be 1,\nnot 2"), 2, "bephw: error: x: must be 1, not 2"),
        (click.UsageError("no such thing"), 2, "bephw: error: no such thing"),
        (KeyboardInterrupt(), 130, "bephw: stopped"),
        (PermissionError(13, "Permission denied", "/there"), 2, "bephw: error: /there: Permission denied"),
        (MemoryError(), 2, "bephw: error: not enough memory for a network of this size"),
    ],
)
def test_errors_are_one_line(failing, capfd, error, code, line):
    failing(error)
    assert main(["fail"]) == code
    captured = capfd.readouterr()
    # Click prints an empty line of its own after the ^C of a terminal.
    assert captured.err.strip("\n") == line
    assert captured.out == ""


@pytest.mark.parametrize("arguments", [["nonsense"], ["train"], ["sim", "x.toml", "--epochs", "0"], ["--nonsense"]])
def test_usage_errors_are_one_line(arguments, capsys):
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("bephw: error: ")


def test_module_runs_the_same():
    done = subprocess.run([sys.executable, "-m", "bephw", "--version"], capture_output=True, text=True, timeout=60)
    assert done.stdout == f"bephw {bephw.__version__}\n"


def test_help_is_light():
    code = "import sys; from bephw.cli import main; main(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    loaded = set(done.stdout.split())
    assert not loaded & {"numpy", "amaranth", "matplotlib", "pydantic", "cocotb", "sklearn"}
