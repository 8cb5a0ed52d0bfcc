"""What a plan says of inference alone is what the designs do."""

import json

import pytest

from bephw.cli import main
from bephw.golden.initial import initial_state
from bephw.plan.inference import plan_inference
from bephw.report import render
from bephw.rtl_gen.designs import timing
from bephw.rtl_gen.logic.inference import pipeline_of
from bephw.settings import Settings
from tests.logic_networks import random_network


def test_of_gates():
    settings, state = random_network(2, [12, 40, 40, 40], 4, levels=2)
    made = plan_inference(settings, state, "unrolled")
    pipeline = pipeline_of(settings, state)
    assert made.latency == timing(settings, state, "unrolled").latency
    assert (made.words, made.word_width, made.interval) == (1, 12, 1)
    assert (made.gates.learnt, made.gates.left) == (120, len(pipeline.netlist.gates))
    assert made.gates.registers >= len({literal >> 1 for literal in pipeline.netlist.outputs} - {0})
    assert made.samples_per_second == made.clock_mhz * 1e6


@pytest.mark.parametrize("style", ["unrolled", "folded"])
def test_of_weights(style):
    settings = Settings.build(network={"sizes": [20, 6], "classes": 3}, hardware={"rows": 2, "columns": 5})
    state = initial_state(settings)
    made = plan_inference(settings, state, style)
    assert (made.latency, made.interval) == (timing(settings, state, style).latency, 1 if style == "unrolled" else 12)
    assert made.gates is None
    assert made.sum_tables is None if style == "folded" else 60 < made.sum_tables < 138  # lanes


def test_on_the_command_line(tmp_path, capsys):
    _, state = random_network(2, [12, 40, 40, 40], 4)
    (tmp_path / "s.toml").write_text(
        '[network]\nsizes = [12, 40, 40, 40]\nclasses = 4\n[learning]\nalgorithm = "logic"\n[board]\nclock_mhz = 50.0\n'
    )
    state.save(tmp_path / "n.npz")
    given = ["plan", str(tmp_path / "s.toml"), "--inference", "unrolled", "--state", str(tmp_path / "n.npz")]
    assert main([*given, "--json", str(tmp_path / "p.json")]) == 0
    assert "samples a second at 50 MHz" in capsys.readouterr().out
    figures = json.loads((tmp_path / "p.json").read_text())
    assert figures["samples_per_second"] == 50e6
    assert "cycles until the prediction" in render([figures])
    assert main([*given, "--maximise", "speed"]) == 2
    assert "--maximise is of trainers, not of --inference" in capsys.readouterr().err
    assert main(given[:4]) == 2
    assert "--inference and --state must be given together" in capsys.readouterr().err
