"""The text of emitted Verilog: the order of its ports, and that it depends on settings and state alone."""

import os
import re
import subprocess
import sys

import pytest

from bephw.golden.initial import initial_state
from bephw.rtl_gen.verilog import STYLES, emit, emit_inference
from bephw.settings import Settings

SETTINGS = Settings.build(
    network={"sizes": [10, 6, 4], "classes": 3}, hardware={"rows": 2, "columns": [5, 3, 2], "stream_width": 4}
)
STREAM = ("payload", "valid", "ready")
INFERENCE = ["clk", "rst", *(f"{name}__{part}" for name in ("samples", "predictions") for part in STREAM)]
TRAINER = [
    *INFERENCE,
    *(f"csr__{part}" for part in ("address", "write_data", "write", "read_data")),
    *(f"{name}__{part}" for name in ("load", "dump") for part in STREAM),
]
HASHES = """
import hashlib
from bephw.golden.initial import initial_state
from bephw.rtl_gen.verilog import STYLES, emit_inference
from bephw.rtl_gen.verilog import emit
from bephw.settings import Settings
settings = Settings.build(**{content!r})
state = initial_state(settings)
texts = [emit(settings, state), *(emit_inference(settings, state, style=style) for style in STYLES)]
print(*(hashlib.sha256(text.encode()).hexdigest() for text in texts))
"""


def ports(text, name):
    """In the module's head, and as they are declared below it."""
    head, body = re.search(rf"^module {name}\((.*?)\);(.*?)^endmodule", text, re.MULTILINE | re.DOTALL).groups()
    return head.split(", "), re.findall(r"^  (?:input|output) (?:\[\d+:0\] )?(\w+);", body, re.MULTILINE)


def test_ports_of_a_trainer():
    head, body = ports(emit(SETTINGS, name="its_name"), "its_name")
    assert head == body == TRAINER


@pytest.mark.parametrize("style", STYLES)
def test_ports_of_inference(style):
    text = emit_inference(SETTINGS, initial_state(SETTINGS), style=style, name="its_name")
    head, body = ports(text, "its_name")
    assert head == body == INFERENCE


def test_no_signal_has_a_negative_index():
    settings = SETTINGS.replace({"network.sizes": (1, 1), "hardware": {"rows": 1, "columns": 1, "stream_width": 1}})
    assert "[-1:0]" not in emit(settings)


def test_the_text_depends_on_settings_and_state_alone(tmp_path):
    """Neither on the folder, nor on the order of Python's sets, nor on when it is."""
    program = HASHES.format(content=SETTINGS.model_dump(mode="json", exclude_unset=True))
    said = set()
    for seed, name in (("1", "here"), ("2", "there ü x")):
        folder = tmp_path / name
        folder.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TMPDIR": str(folder), "HOME": str(folder)}
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
        said.add(done.stdout)
    assert len(said) == 1
    assert len(said.pop().split()) == 3


def test_the_local_rule_with_one_layer_is_the_perceptron():
    def text(algorithm):
        return emit(
            Settings.build(network={"sizes": [9, 6], "classes": 3}, learning={"algorithm": algorithm, "batch": 20})
        )

    assert text("lbes") == text("cp+r")
