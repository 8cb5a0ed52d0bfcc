"""`verilator -Wall` has nothing to say of emitted Verilog beyond what its waiver file waives, and that is little."""

import dataclasses
import subprocess

import numpy as np
import pytest

from bephw.golden.initial import initial_state
from bephw.rtl_gen.verilog import STYLES, emit, emit_inference
from bephw.rtl_gen.waivers import waivers
from bephw.settings import Settings
from bephw.toolchain import find

BASE = {
    "network.sizes": (20, 9, 6),
    "network.classes": 4,
    "learning.gamma": 3,
    "learning.batch": 5,
    "hardware.rows": 2,
    "hardware.columns": 4,
    "hardware.stream_width": 5,
}
ONES = {name: 1 for name in BASE if name.startswith(("learning", "hardware"))}
DESIGNS = {
    "three layers, no profile": {"network.sizes": (20, 9, 9, 6), "hardware.profile": False},
    "unfolded": {"hardware.rows": (9, 6, 4), "hardware.columns": (20, 9, 6), "hardware.stream_width": 20},
    "spram, plus": {
        "hardware.counter_memory": "spram",
        "learning.tie": "plus",
        "learning.bits": 3,
        "learning.gamma": 1,
        "learning.burst": 8,
    },
    "sweep": {"hardware.renewal": "sweep", "hardware.wire_registers": 2, "hardware.sample_memory": "auto"},
    "several samples at a time": {
        "network.sizes": (20, 9, 9, 6),
        "hardware.samples": (2, 6, 3),
        "hardware.slots": 12,
        "hardware.columns": (4, 3, 2, 6),
    },
    "one of everything, two samples at a time": {
        **ONES,
        "network.sizes": (1, 1, 1),
        "network.classes": 2,
        "hardware.samples": 2,
        "hardware.slots": 2,
    },
    "batches overlap": {"learning.lag": 1},
    "batches overlap, several samples at a time": {
        "learning.lag": 1,
        "hardware.samples": 2,
        "hardware.slots": 4,
        "hardware.columns": (4, 3, 6),
    },
    "one of everything, batches overlap": {
        **ONES,
        "network.sizes": (1, 1),
        "network.classes": 2,
        "learning.lag": 1,
        "hardware.slots": 1,
    },
    "local": {"learning.algorithm": "lbes", "network.sizes": (20, 9, 9, 6)},
    "two classes": {"network.classes": 2, "hardware.stream_width": 1},
    "padding in the last of a power of two of counter words": {"network.sizes": (29, 9, 6)},
    "recurrent": {"learning.algorithm": "bep-tt", "data.steps": 7},
    "recurrent, unfolded, sweep, plus": {
        "learning.algorithm": "bep-tt",
        "data.steps": 3,
        "hardware.rows": (9, 6, 4),
        "hardware.columns": (29, 9, 6),
        "hardware.renewal": "sweep",
        "learning.tie": "plus",
        "learning.burst": 4,
    },
    "recurrent, one of everything": {
        **ONES,
        "network.sizes": (1, 1, 1),
        "network.classes": 2,
        "learning.algorithm": "bep-tt",
        "data.steps": 1,
        "hardware.slots": 1,
    },
    "one of everything": {**ONES, "network.sizes": (1, 1), "network.classes": 2, "hardware.slots": 1},
}


@pytest.fixture(scope="module")
def lint(tmp_path_factory):
    """`lint(verilog, name)` gives what Verilator says with the waiver file of `name`; without one, where told so."""
    verilator = find("verilator")
    if verilator is None:
        pytest.skip("verilator is not installed")
    folder = tmp_path_factory.mktemp("lint")

    def call(verilog, name, *, waived=True):
        (folder / f"{name}.v").write_text(verilog)
        (folder / f"{name}.vlt").write_text(waivers(name))
        files = [f"{name}.vlt"] * waived + [f"{name}.v"]
        done = subprocess.run(
            [*verilator.command, "--lint-only", "-Wall", *files],
            cwd=folder,
            env=verilator.full_environment(),
            capture_output=True,
            text=True,
        )
        return done.stderr

    return call


def settings_with(changes):
    return Settings.build(network={"sizes": (20, 9, 6), "classes": 4}).replace({**BASE, **changes})


SLOW = (
    *("sweep", "two classes", "unfolded", "one of everything, batches overlap", "batches overlap"),
    *("one of everything, two samples at a time", "recurrent", "several samples at a time"),
    *("local", "recurrent, one of everything", "three layers, no profile"),
    "padding in the last of a power of two of counter words",
)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in DESIGNS]
)
def test_trainers(lint, name):
    settings = settings_with(DESIGNS[name])
    assert lint(emit(settings, initial_state(settings), name="its_name"), "its_name") == ""


@pytest.mark.parametrize(
    ("bus", "name"),
    [
        ("axi4-lite", "one of everything"),
        pytest.param("wishbone", "local", marks=pytest.mark.slow),
        pytest.param("axi4-lite", "recurrent", marks=pytest.mark.slow),
    ],
)
def test_trainers_on_buses(lint, bus, name):
    settings = settings_with(DESIGNS[name])
    assert lint(emit(settings, initial_state(settings), name="its_name", bus=bus), "its_name") == ""


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_inference_on_axi4_stream(lint, style):
    settings = settings_with({})
    text = emit_inference(settings, initial_state(settings), style=style, name="its_name", bus="axi4-lite")
    assert lint(text, "its_name") == ""


@pytest.mark.parametrize(
    "name",
    ["several samples at a time", pytest.param("one of everything, two samples at a time", marks=pytest.mark.slow)],
)
def test_inference_of_several_samples(lint, name):
    settings = settings_with(DESIGNS[name])
    assert lint(emit_inference(settings, initial_state(settings), style="folded", name="its_name"), "its_name") == ""


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", ["three layers, no profile", "two classes", "one of everything"])
def test_inference(lint, name, style):
    settings = settings_with(DESIGNS[name])
    assert lint(emit_inference(settings, initial_state(settings), style=style, name="its_name"), "its_name") == ""


@pytest.mark.parametrize(
    ("rows", "columns", "stream_width", "steps", "samples"),
    [(2, 4, 5, 7, 1), (1, 1, 1, 1, 1), ((9, 6, 4), (29, 9, 6), 20, 3, 1), (2, 4, 5, 7, (4, 2))],
)
def test_inference_of_recurrent_networks(lint, rows, columns, stream_width, steps, samples):
    settings = settings_with({}).replace(
        {
            "learning.algorithm": "bep-tt",
            "data.steps": steps,
            "hardware.rows": rows,
            "hardware.columns": columns,
            "hardware.stream_width": stream_width,
            "hardware.samples": samples,
        }
    )
    assert lint(emit_inference(settings, initial_state(settings), style="folded", name="its_name"), "its_name") == ""


def test_thresholds(lint):
    plain = settings_with({})
    settings, generator = plain.replace({"network.thresholds": True}), np.random.default_rng(1)
    thresholds = tuple(
        np.clip(np.round(generator.normal(0, 3, outputs)), -inputs, inputs + 1).astype(np.int32)
        for outputs, inputs in settings.matrices
    )
    state = dataclasses.replace(initial_state(plain), thresholds=thresholds)
    assert lint(emit(settings, state, name="its_name"), "its_name") == ""
    for style in STYLES:
        assert lint(emit_inference(settings, state, style=style, name="its_name"), "its_name") == ""


def test_every_waiver_is_needed(lint):
    settings = settings_with({})
    said = lint(emit(settings, initial_state(settings), name="its_name"), "its_name", waived=False)
    rules = {line.split("-rule ")[1].split()[0] for line in waivers("its_name").splitlines() if "-rule" in line}
    assert {rule for rule in rules if f"%Warning-{rule}: " in said} | {"DECLFILENAME"} == rules


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("UNDRIVEN", "wire x; assign q = {3'b0, x};"),
        ("MULTIDRIVEN", "reg [3:0] r; always @(posedge clk) r <= d; always @(negedge clk) r <= 4'h0; assign q = r;"),
        ("LATCH", "reg [3:0] r; always @* if (clk) r = d; assign q = r;"),
        ("UNOPTFLAT", "wire [3:0] x, y; assign x = y ^ d; assign y = x & {4{clk}}; assign q = x;"),
        ("WIDTHTRUNC", "wire [7:0] x = {d, d}; assign q = x;"),
        ("PINMISSING", "inner i (.a(d)); assign q = d;"),
        ("BLKSEQ", "reg [3:0] r; always @(posedge clk) r = d; assign q = r;"),
        ("CASEINCOMPLETE", "reg [3:0] r; always @* begin r = 0; case (d) 4'h1: r = 1; endcase end assign q = r;"),
    ],
)
def test_faults_are_seen_all_the_same(lint, rule, body):
    inner = "module inner(input [3:0] a, input b, output c); assign c = b & a[0]; endmodule"
    text = f"module t(input clk, input [3:0] d, output [3:0] q); {body} endmodule\n{inner}\n"
    assert f"%Warning-{rule}: " in lint(text, "t")


def test_another_file_is_not_waived(lint):
    """The waivers of a trainer say nothing of the design around it."""
    text = "module other(input [7:0] a, output q); assign q = a; endmodule"
    assert "UNUSEDSIGNAL" in lint(text, "other", waived=False)
    assert all('-file "*t.v"' in line for line in waivers("t").splitlines() if line.startswith("lint_off"))
