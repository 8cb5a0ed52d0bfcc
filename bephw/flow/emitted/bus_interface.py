"""The manifest's description of a design on a bus, made of that of the same design without one."""

from __future__ import annotations

from typing import Any

from bephw.flow.emitted.interface import COMMON, OF_A_TRAINER, bit_range
from bephw.rtl_gen.buses.axi4_lite import BYTE_ADDRESS_WIDTH
from bephw.rtl_gen.buses.names import AXI4_LITE, AXI4_STREAM, STREAMS, WISHBONE, clocking, stream_port
from bephw.rtl_gen.buses.register_access import BYTES

__all__ = ["on_bus"]

STREAM_OF = {prefix: stream for stream, prefix in STREAMS.items()}
NO_REGISTER = {AXI4_LITE: "SLVERR", WISHBONE: "err"}
OF_WISHBONE = {
    "wb_cyc_i": "a cycle of the bus is under way",
    "wb_stb_i": "an access is asked for; stays until its answer",
    "wb_we_i": "it is a write",
    "wb_adr_i": "address of a register, in words: the byte address without its two lowest bits",
    "wb_sel_i": "bytes that are written",
    "wb_dat_i": "what is written",
    "wb_dat_o": "what is read, with wb_ack_o",
    "wb_ack_o": "the answer: the access is done, and what was written has taken effect",
    "wb_err_o": "the answer where there is no such register",
    "wb_stall_o": "for pipelined masters: the access is not taken yet; else leave it open",
}
OF_AXI4_LITE = {
    "s_axi_awaddr": "write address, in bytes; its two lowest bits are ignored",
    "s_axi_awprot": "ignored",
    "s_axi_awvalid": "a write address is offered",
    "s_axi_awready": "a write address that is offered is taken at the next edge",
    "s_axi_wdata": "what is written",
    "s_axi_wstrb": "bytes that are written",
    "s_axi_wvalid": "data are offered",
    "s_axi_wready": "data that are offered are taken at the next edge",
    "s_axi_bresp": "0: written, and it has taken effect; 2 (SLVERR): there is no such register",
    "s_axi_bvalid": "the answer to a write is offered",
    "s_axi_bready": "an answer that is offered is taken at the next edge",
    "s_axi_araddr": "read address, in bytes; its two lowest bits are ignored",
    "s_axi_arprot": "ignored",
    "s_axi_arvalid": "a read address is offered",
    "s_axi_arready": "a read address that is offered is taken at the next edge",
    "s_axi_rdata": "what was read",
    "s_axi_rresp": "0: read; 2 (SLVERR): there is no such register",
    "s_axi_rvalid": "the answer to a read is offered",
    "s_axi_rready": "an answer that is offered is taken at the next edge",
}
PACKETS = {
    "samples": "ends a packet, of any number of samples; counts with a sample's last word",
    "predictions": "its sample ended a packet",
    "load": "ignored: elements are counted",
    "dump": "the last element of its space",
}
OF_FIELDS = {
    ("samples", "data"): "inputs, the first lowest",
    ("samples", "label"): "label; counts with the sample's last word",
    ("predictions", "label"): "predicted class",
    ("predictions", "taught"): "whether the sample taught",
}


def on_bus(native: dict[str, Any], ports: list[dict[str, Any]], bus: str) -> dict[str, Any]:
    """`native`, what `trainer_interface` or `inference_interface` says of the design, as it is on `bus`.

    `ports` are those that the Verilog declares.
    """
    pins = clocking(bus)
    registers = (
        {
            "registers": [{**row, "byte_address": BYTES * row["address"]} for row in native["registers"]],
            "register_bus": _register_bus(native["register_bus"], bus),
        }
        if "registers" in native
        else {}
    )
    return {
        **native,
        "bus": bus,
        "ports": _described(native, ports, bus),
        "clock": {**native["clock"], "port": pins.clock},
        "reset": {**native["reset"], "port": pins.reset, "active": pins.active},
        "streams": {
            name: {"ports": STREAMS[name], **stream, "packets": f"TLAST {PACKETS[name]}"}
            for name, stream in native["streams"].items()
        },
        "fields": _fields(native["fields"], bus),
        **registers,
    }


def _register_bus(native: dict[str, Any], bus: str) -> dict[str, Any]:
    """Latencies are from an access to its answer, where no other is under way."""
    more = 3 if bus == AXI4_LITE else 0
    return {
        "address_width": BYTE_ADDRESS_WIDTH if bus == AXI4_LITE else native["address_width"],
        "address_unit": "byte" if bus == AXI4_LITE else "word",
        "data_width": native["data_width"],
        "bytes": BYTES << native["address_width"],
        "read_latency": native["read_latency"] + more,
        "write_latency": native["write_latency"] + more,
        "no_register": NO_REGISTER[bus],
    }


def _fields(native: dict[str, Any], bus: str) -> dict[str, Any]:
    """The first field of a payload is TDATA, what lies above it TUSER."""
    found = {}
    for payload, (data, *above) in native.items():
        stream = payload.partition("__")[0]
        found[stream_port(bus, stream, "payload")] = [data]
        if above:
            found[stream_port(bus, stream, "user")] = [
                {**field, "offset": field["offset"] - data["width"]} for field in above
            ]
    return found


def _described(native: dict[str, Any], ports: list[dict[str, Any]], bus: str) -> list[dict[str, Any]]:
    """With the stream that each port belongs to, if any, and what it is for."""
    pins, samples = clocking(bus), native["streams"]["samples"]
    meanings = {
        **OF_AXI4_LITE,
        **OF_WISHBONE,
        pins.clock: COMMON["clk"],
        pins.reset: f"reset, synchronous, active {pins.active}",
        "steps": f"steps of a sample, 1 to {samples.get('most_steps')}; taken with its first word",
    }
    fields = _fields(native["fields"], bus)
    described = []
    for port in ports:
        prefix, _, part = port["name"].rpartition("_")
        stream = STREAM_OF.get(prefix)
        meaning = meanings[port["name"]] if stream is None else _meaning(stream, part, fields.get(port["name"]))
        described.append({**port, "stream": stream, "meaning": meaning})
    return described


def _meaning(stream: str, part: str, fields: list[dict[str, Any]] | None) -> str:
    """Of a port of AXI4-Stream."""
    if part == AXI4_STREAM["last"]:
        return PACKETS[stream]
    if fields:
        ((name, low, width),) = ((field["name"], field["offset"], field["width"]) for field in fields)
        many = "; a bit a layer, the lowest layer's lowest" if name == "taught" and width > 1 else ""
        return f"{bit_range(width, low)}: {OF_FIELDS[stream, name]}{many}"
    native = next(native for native, name in AXI4_STREAM.items() if name == part)
    return OF_A_TRAINER[f"{stream}__{native}"]
