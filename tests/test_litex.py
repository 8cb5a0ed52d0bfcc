"""examples/litex: a LiteX SoC trains the trainer on its bus to the golden model's predictions."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bephw.flow.emission import emit_files
from bephw.flow.emitted.stimulus import draw
from bephw.golden.initial import initial_state
from bephw.settings import Settings

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "litex"


def test_the_example_is_short():
    """As its words promise: 50 lines that are not empty, a comment, or a docstring."""
    text = re.sub(r'"""[^"]*"""', "", (EXAMPLE / "soc.py").read_text(encoding="utf-8"))
    assert len([line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]) <= 50


@pytest.mark.slow
def test_the_soc_trains(tmp_path):
    if importlib.util.find_spec("litex") is None:
        pytest.skip("LiteX is not installed: pip install 'bephw[litex]'")
    if shutil.which("iverilog") is None:
        pytest.skip("iverilog is not on PATH: install Debian's package iverilog")
    settings = Settings.build(
        network={"sizes": [11, 6, 4], "classes": 5},
        learning={"batch": 4, "gamma": 2, "seed": 3},
        hardware={"rows": 2, "columns": 4, "stream_width": 5},
    )
    emit_files(settings, initial_state(settings), tmp_path, bus="wishbone", stimulus=draw(settings, None, "none here"))
    run = {"cwd": tmp_path, "check": True, "capture_output": True, "text": True, "timeout": 300}
    subprocess.run([sys.executable, str(EXAMPLE / "soc.py"), str(tmp_path)], **run)
    sources = [str(EXAMPLE / "tb.v"), "soc.v", "bephw_trainer.v"]
    subprocess.run(["iverilog", "-g2005-sv", "-s", "tb", "-o", "soc.vvp", *sources], **run)
    said = subprocess.run(["vvp", "soc.vvp"], **run).stdout
    samples = json.loads((tmp_path / "bephw_trainer_vectors.json").read_text())["samples"]
    wanted = [sample["prediction"] for sample in samples if sample["learn"]]
    assert [int(number) for number in re.findall(r"prediction +(\d+)", said)] == wanted
    assert len(set(wanted)) > 1
