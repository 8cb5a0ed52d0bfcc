"""What to do next fits what was run, and its commands are commands."""

import shlex
from pathlib import Path

import numpy as np
import pytest

from bephw.cli import main
from bephw.cli.entry import group
from bephw.report.documents import Documents
from bephw.report.next_steps import next_sections

REPOSITORY = Path(__file__).resolve().parents[2]


def steps(*documents):
    return [step for section in next_sections(Documents.of(documents)) for step in section.content["steps"]]


def test_a_board_is_programmed_with_its_bitstream(documents):
    commands = steps(documents.BUILD)[0]["commands"]
    assert commands == ["openFPGALoader -b ice40_generic 'out dir/out.bin'"]
    assert "Program" not in str(steps({**documents.BUILD, "meets_timing": False}))
    assert "Program" not in str(steps({**documents.BUILD, "board": "another"}))


def test_after_training_comes_simulation_then_a_board(documents):
    assert "bephw sim" in str(steps(documents.TRAIN))
    assert "bephw sim" not in str(steps(documents.TRAIN, documents.SIM))
    assert "bephw plan" in str(steps(documents.SIM))
    assert "bephw build" in str(steps(documents.PLAN))


def test_nothing_to_do_no_section(documents):
    assert steps(documents.DOCTOR, documents.ACCURACY) == []


def test_own_data_works_as_it_stands(documents, tmp_path, monkeypatch):
    random = np.random.default_rng(1)
    y = random.integers(0, 3, 80)
    x = random.normal(size=(80, 7)) + 5 * y[:, np.newaxis]
    rows = [",".join([*(f"{value:.3f}" for value in row), "abc"[label]]) for row, label in zip(x, y, strict=True)]
    (tmp_path / "mine.csv").write_text("\n".join(["a,b,c,d,e,f,g,class", *rows]))
    (tmp_path / "examples").symlink_to(REPOSITORY / "examples")
    monkeypatch.chdir(tmp_path)
    (line,) = steps(documents.TRAIN)[-1]["commands"]
    assert main(shlex.split(line)[1:]) == 0


@pytest.mark.parametrize("name", ["DEMO", "TRAIN", "SIM", "PLAN", "BUILD"])
def test_commands_exist_with_their_options(documents, name):
    for step in steps(getattr(documents, name)):
        for line in step["commands"]:
            program, command, *arguments = shlex.split(line)
            if program == "bephw":
                known = {option for parameter in group.commands[command].params for option in parameter.opts}
                assert {argument for argument in arguments if argument.startswith("-")} <= known
