"""The manifest of designs on buses says what their Verilog has, and nothing that is not so."""

import re
import subprocess

import pytest
from systemrdl import RDLCompiler

from bephw.flow.emission import emit_files, emit_inference_files
from bephw.golden.initial import initial_state
from bephw.settings import Settings
from bephw.toolchain import require

SETTINGS = Settings.build(
    network={"sizes": [10, 6, 4], "classes": 3},
    learning={"algorithm": "lbes", "gamma": 2},
    hardware={"stream_width": 9},
)


@pytest.fixture(scope="module", params=["axi4-lite", "wishbone"])
def emitted(request, tmp_path_factory):
    """Manifest and folder."""
    folder = tmp_path_factory.mktemp("bus")
    return emit_files(SETTINGS, initial_state(SETTINGS), folder, "learner", bus=request.param), folder


def test_ports(emitted):
    manifest, _ = emitted
    ports = {port["name"]: port for port in manifest["ports"]}
    assert list(ports)[:2] == (["aclk", "aresetn"] if manifest["bus"] == "axi4-lite" else ["clk", "rst"])
    assert (manifest["clock"]["port"], manifest["reset"]["port"]) == tuple(list(ports)[:2])
    assert manifest["reset"]["active"] == ("low" if "aresetn" in ports else "high")
    widths = {
        "s_axis_samples_tdata": 16,
        "s_axis_samples_tuser": 8,
        "m_axis_predictions_tdata": 8,
        "m_axis_predictions_tuser": 8,
        "s_axis_load_tdata": 32,
        "m_axis_dump_tdata": 32,
        "m_axis_dump_tlast": 1,
    }
    assert {name: ports[name]["width"] for name in widths} == widths
    for name, port in ports.items():
        assert port["meaning"]
        streamed = re.fullmatch(r"([sm])_axis_(\w+)_(t\w+)", name)
        assert port["stream"] == (streamed[2] if streamed else None)
        if streamed:
            back = streamed[3] == "tready"
            assert (port["direction"] == "input") == ((streamed[1] == "s") != back)
    assert ports["m_axis_predictions_tuser"]["meaning"].startswith("bits 1-0: whether the sample taught; a bit a layer")


def test_fields(emitted):
    manifest, _ = emitted
    found = {port: [(f["name"], f["offset"], f["width"]) for f in row] for port, row in manifest["fields"].items()}
    assert found == {
        "s_axis_samples_tdata": [("data", 0, 9)],
        "s_axis_samples_tuser": [("label", 0, 2)],
        "m_axis_predictions_tdata": [("label", 0, 2)],
        "m_axis_predictions_tuser": [("taught", 0, 2)],
    }


def test_addresses(emitted, tmp_path):
    """Manifest, SystemRDL and what a C compiler makes of the header agree: bytes."""
    manifest, folder = emitted
    addresses = {row["name"]: row["byte_address"] for row in manifest["registers"]}
    assert list(addresses.values()) == [4 * at for at in range(len(addresses))]
    assert max(addresses.values()) < manifest["register_bus"]["bytes"] == 1 << 14
    compiler = RDLCompiler()
    compiler.compile_file(str(folder / "learner.rdl"))
    assert {node.inst_name: node.address_offset for node in compiler.elaborate().top.children()} == addresses
    names = {f"LEARNER_{name.upper()}": address for name, address in addresses.items()}
    checks = "".join(f'_Static_assert({name} == {address}, "");\n' for name, address in names.items())
    (tmp_path / "check.c").write_text(f'#include "learner.h"\n{checks}')
    subprocess.run(
        [*require("g++").command, "-x", "c", "-c", f"-I{folder}", str(tmp_path / "check.c")], cwd=tmp_path, check=True
    )


def test_inference_has_streams_and_no_registers(tmp_path):
    manifest = emit_inference_files(SETTINGS, initial_state(SETTINGS), tmp_path, "classifier", bus="axi4-lite")
    ports = [port["name"] for port in manifest["ports"]]
    assert ports[:2] == ["aclk", "aresetn"]
    assert {name.rpartition("_")[0] for name in ports[2:]} == {"s_axis_samples", "m_axis_predictions"}
    assert not any(name.endswith("tuser") for name in ports)
    assert "registers" not in manifest
    assert "register_bus" not in manifest
