"""examples/integration: the minimal testbench trains, reads predictions, and they are the golden model's."""

import re
from pathlib import Path

import numpy as np
import pytest

from bephw.flow.emission import emit_files
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.rtl_gen.registers.map import IDENTITY, register_map
from bephw.settings import Settings

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "integration"
TESTBENCH = (EXAMPLE / "learner_minimal_tb.v").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The design that the testbench is for, and the testbench, under the names that simulators are told."""
    folder, settings = tmp_path_factory.mktemp("minimal"), Settings.from_toml(EXAMPLE / "learner.toml")
    emit_files(settings, initial_state(settings), folder, "learner", bus="axi4-lite")
    (folder / "learner.v").rename(folder / "little.v")
    (folder / "little_tb.v").write_text(TESTBENCH.replace("learner_minimal_tb;", "little_tb;"))
    return folder


def predictions():
    """Of the golden model, in the order of the testbench's samples."""
    settings = Settings.from_toml(EXAMPLE / "learner.toml")
    model = GoldenModel(settings, initial_state(settings))
    patterns = np.array([[int(bit) for bit in f"{bits:08b}"[::-1]] for bits in (0b00001111, 0b11000011)], np.uint8)
    record = model.train(np.tile(patterns, (8, 1)), np.tile([0, 1], 8))
    model.end_batch()
    learnt = [*zip(record.prediction.tolist(), record.taught.tolist(), strict=True)]
    return learnt + [(label, False) for label in model.predict(patterns)[0].tolist()]


def check(code, said):
    assert code == 0, said
    assert "PASS" in said.splitlines(), said
    shown = re.findall(r"^prediction (\d+)(, taught)?$", said, re.MULTILINE)
    assert [(int(label), bool(taught)) for label, taught in shown] == predictions()


def test_in_icarus(folder, icarus):
    check(*icarus(folder))


@pytest.mark.slow
def test_in_verilator(folder, verilator):
    check(*verilator(folder))


def test_its_constants_are_those_of_the_design():
    registers = register_map(Settings.from_toml(EXAMPLE / "learner.toml"))
    constants = re.findall(r"(\w+) = 14'h(\w+)", TESTBENCH)
    assert len(constants) == 4
    for name, address in constants:
        assert 4 * registers[name.lower()].address == int(address, 16)
    assert f"32'h{IDENTITY:x}" in TESTBENCH
