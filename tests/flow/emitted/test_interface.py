"""The manifest describes the design; docs/ports.md says the same of all designs."""

import re
from pathlib import Path

import pytest

from bephw.flow.emission import emit_files, emit_inference_files
from bephw.golden.initial import initial_state
from bephw.golden.rates import rates
from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY
from bephw.rtl_gen.registers.map import register_map
from bephw.settings import Settings

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "ports.md").read_text(encoding="utf-8")
SETTINGS = Settings.build(
    network={"sizes": [10, 6, 4], "classes": 3},
    learning={"batch": 7, "gamma": 2, "R": -2, "generators": [5, 6]},
    hardware={"stream_width": 4},
)
RECURRENT = Settings.build(
    network={"sizes": [10, 6, 4], "classes": 3},
    learning={"algorithm": "bep-tt"},
    hardware={"stream_width": 4, "rows": 2},
    data={"steps": 7},
)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    return emit_files(SETTINGS, initial_state(SETTINGS), tmp_path_factory.mktemp("interface"))


@pytest.fixture(scope="module")
def recurrent(tmp_path_factory):
    return emit_files(RECURRENT, initial_state(RECURRENT), tmp_path_factory.mktemp("recurrent"))


def part(heading):
    """The lines of a part of the document that are rows of tables, as lists of cells without backquotes."""
    text = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)[1]
    rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split(" | ")]
        for line in re.findall(r"^\| .*", text, re.MULTILINE)
    ]
    return {row[0]: row[1:] for row in rows if set(row[0]) != {"-"}}


def test_framing(manifest):
    samples = manifest["streams"]["samples"]
    assert (samples["words_per_sample"], samples["inputs_per_word"], samples["pad_bits"]) == (3, 4, 2)
    assert manifest["cycles_per_sample_at_least"] == 12  # layer 0: 6 rows of 2 words


def test_framing_of_series(recurrent):
    samples = recurrent["streams"]["samples"]
    assert (samples["most_steps"], samples["words_per_step"], samples["words_per_sample"]) == (7, 3, 21)
    assert (samples["inputs_per_word"], samples["pad_bits"]) == (4, 2)
    assert samples["bit_order"].startswith("input k of a step is ")
    assert recurrent["cycles_per_step_at_least"] == 6  # 3 groups of 2 words
    assert recurrent["cycles_per_sample_at_least"] == 7 * 6
    steps = next(register for register in recurrent["registers"] if register["name"] == "steps")
    assert (steps["reset"], steps["width"], steps["access"]) == (7, 3, "read/write")
    assert [space["shape"] for space in recurrent["spaces"]] == [[6, 10 + 6], [4, 6], [3, 4]]
    assert any("steps" in duty for duty in recurrent["software"])


def test_samples_that_pass_together_share_the_cycles(tmp_path):
    settings = RECURRENT.replace({"hardware.samples": [4, 1], "hardware.slots": 4, "hardware.stream_width": 10})
    manifest = emit_files(settings, initial_state(settings), tmp_path)
    assert manifest["cycles_per_step_at_least"] == 2  # 6 for up to 4
    assert manifest["cycles_per_sample_at_least"] == 7 * 2


def test_a_perceptron_has_nothing_of_series(manifest):
    assert not {"most_steps", "words_per_step", "steps"} & set(manifest["streams"]["samples"])
    assert "cycles_per_step_at_least" not in manifest
    assert not any("steps" in duty for duty in manifest["software"])


def test_every_port_has_a_meaning_and_its_stream(manifest):
    for port in manifest["ports"]:
        assert port["meaning"]
        assert port["stream"] == (None if port["name"] in ("clk", "rst") else port["name"].split("__")[0])


def test_registers(manifest):
    registers = {register["name"]: register for register in manifest["registers"]}
    assert list(registers) == list(register_map(SETTINGS))
    assert registers["margin"]["reset"] == -2
    assert registers["margin"]["signed"]
    assert registers["batch"]["access"] == "read/write"
    assert registers["command"]["access"] == "write"
    assert registers["status"]["access"] == "read"
    assert [registers[f"generator_{layer}"]["reset"] for layer in (0, 1)] == [5, 6]


def test_rates_follow_from_those_at_accuracy_0(manifest):
    most = manifest["rates"]["at_accuracy_0"]
    for accuracy in (0.0, 1 / 3, 0.5, 0.97, 1.0):
        for right, rate in zip(rates(SETTINGS, accuracy), most, strict=True):
            assert abs(right - int(rate * (1 - accuracy) ** 0.5)) <= 1
    assert manifest["rates"]["first_epoch"] == list(rates(SETTINGS, 1 / 3))


def test_no_path_of_this_machine_is_in_the_manifest(manifest):
    assert manifest["verilog"] == "bephw_trainer.v"
    assert manifest["testbench"] is None


def test_the_document_has_the_ports(manifest):
    rows = part("Ports of a trainer")
    named = {name: direction for name, (direction, *_) in rows.items() if name != "port"}
    assert named == {port["name"]: port["direction"].removesuffix("put") for port in manifest["ports"]}
    for port in manifest["ports"]:
        width = rows[port["name"]][1]
        assert not width.isdigit() or int(width) == port["width"]


def test_the_document_has_the_registers(manifest, recurrent):
    rows, registers = part("Registers"), [*manifest["registers"], *recurrent["registers"]]
    documented = {name: cells[0] for name, cells in rows.items() if len(cells) == 4 and name != "register"}
    general = {re.sub(r"_\d$", "_L", row["name"]): row["access"] for row in registers}
    assert documented == general
    for row in registers:
        _, width, *_ = rows[re.sub(r"_\d$", "_L", row["name"])]
        assert not width.isdigit() or int(width) == row["width"]


def test_the_document_has_the_latencies(manifest):
    bus = manifest["register_bus"]
    assert (bus["read_latency"], bus["write_latency"]) == (READ_LATENCY, WRITE_LATENCY)
    rows = part("Registers")
    for name in ("read_latency", "write_latency", "write_spacing"):
        assert int(rows[name][0]) == bus[name]


def test_a_recurrent_network_has_steps(tmp_path):
    settings = Settings.build(
        network={"sizes": [5, 8, 6], "classes": 3},
        learning={"algorithm": "bep-tt"},
        hardware={"stream_width": 3},
        data={"steps": 7},
    )
    manifest = emit_inference_files(settings, initial_state(settings), tmp_path, style="folded")
    steps = next(port for port in manifest["ports"] if port["name"] == "steps")
    assert (steps["direction"], steps["width"], steps["stream"]) == ("input", 3, None)
    samples = manifest["streams"]["samples"]
    assert (samples["most_steps"], samples["words_per_step"], samples["words_per_sample"]) == (7, 2, 14)
    assert manifest["interval"] == 7 * manifest["interval_per_step"]
    shorter = emit_inference_files(
        settings.replace({"data.steps": 4}), initial_state(settings), tmp_path / "shorter", style="folded"
    )
    assert manifest["latency"] - shorter["latency"] == 3 * manifest["latency_per_step"]
    assert "steps" in part("Ports of inference alone")


def test_the_document_has_the_ports_of_inference(tmp_path):
    manifest = emit_inference_files(SETTINGS, initial_state(SETTINGS), tmp_path, style="folded")
    streams = {port["name"].split("__")[0] for port in manifest["ports"]}
    assert streams == {"clk", "rst", "samples", "predictions"}
    assert set(part("Ports of inference alone")) == {"port", "samples__payload", "predictions__payload", "steps"}
