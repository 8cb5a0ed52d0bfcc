"""Managers of somebody else's (cocotbext-axi) get along with a trainer on AXI4-Lite and AXI4-Stream."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.rtl_gen.registers.map import register_map
from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings

HERE = Path(__file__).resolve().parent
SETTINGS = Settings.from_toml(HERE.parents[1] / "examples" / "integration" / "learner.toml")
# In a process of its own: cocotb's runner behaves differently within pytest.
RUN = """
from cocotb_tools.runner import get_runner
runner, top = get_runner("icarus"), {"hdl_toplevel": "learner"}
runner.build(sources=["learner.v"], build_dir="build", timescale=("1ns", "1ns"), always=True, **top)
runner.test(test_module="axi_bench", hdl_toplevel_lang="verilog", build_dir="build", test_dir=".", **top)
"""


def vectors():
    """18 samples: the last two are classified only."""
    model = GoldenModel(SETTINGS, initial_state(SETTINGS))
    patterns, labels = np.array([0b00001111, 0b11000011] * 8 + [0b00001111, 0b11000011]), [0, 1] * 9
    bits = (patterns[:, None] >> np.arange(8) & 1).astype(np.uint8)
    record = model.train(bits[:16], np.array(labels[:16]))
    model.end_batch()
    return {
        "addresses": {name: 4 * register.address for name, register in register_map(SETTINGS).items()},
        "training": {
            "data": patterns[:16].tolist(),
            "labels": labels[:16],
            "predictions": record.prediction.tolist(),
            "taught": record.taught.astype(int).tolist(),
        },
        "classified": {
            "data": patterns[16:].tolist(),
            "labels": [0, 0],
            "predictions": model.predict(bits[16:])[0].tolist(),
            "taught": [0, 0],
        },
    }


@pytest.mark.slow
def test_a_trainer(tmp_path, monkeypatch):
    if importlib.util.find_spec("cocotbext") is None:
        pytest.skip("cocotbext-axi is not installed: pip install 'bephw[dev]'")
    if shutil.which("iverilog") is None:
        pytest.skip("iverilog is not on PATH: install Debian's package iverilog")
    (tmp_path / "learner.v").write_text(emit(SETTINGS, initial_state(SETTINGS), name="learner", bus="axi4-lite"))
    (tmp_path / "vectors.json").write_text(json.dumps(vectors()))
    shutil.copy(HERE / "axi_bench.py", tmp_path)
    monkeypatch.setenv("BEPHW_AXI_VECTORS", str(tmp_path / "vectors.json"))
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    done = subprocess.run([sys.executable, "-c", RUN], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "PASS=1" in done.stdout + done.stderr
