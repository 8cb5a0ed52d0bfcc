"""A LiteX SoC with a trainer on its Wishbone bus, which a small host trains in place of a processor: see README.md."""

import json
import sys
from pathlib import Path

from litex.build.generic_platform import Pins
from litex.build.io import CRG
from litex.build.sim import SimPlatform
from litex.soc.integration.soc import SoCRegion
from litex.soc.integration.soc_core import SoCMini
from litex.soc.interconnect import wishbone
from migen import *

BASE = 0x3000_0000


class Trainer(Module):
    """What `bephw emit --bus wishbone` left in `folder`: `bus` for its registers; `port`, all ports by their names."""

    def __init__(self, platform, folder, manifest):
        self.port = port = {row["name"]: Signal(row["width"]) for row in manifest["ports"]}
        self.bus = bus = wishbone.Interface(adr_width=30)
        inputs = {"cyc": bus.cyc, "stb": bus.stb, "we": bus.we, "sel": bus.sel, "adr": bus.adr, "dat": bus.dat_w}
        self.comb += [port[f"wb_{part}_i"].eq(signal) for part, signal in inputs.items()]
        outputs = {"ack": bus.ack, "err": bus.err, "dat": bus.dat_r}
        self.comb += [signal.eq(port[f"wb_{part}_o"]) for part, signal in outputs.items()]
        ports = {f"{row['direction'][0]}_{row['name']}": port[row["name"]] for row in manifest["ports"]}
        self.specials += Instance(manifest["name"], **{**ports, "i_clk": ClockSignal(), "i_rst": ResetSignal()})
        platform.add_source(str(folder / manifest["verilog"]))


class Host(Module):
    """Reads `status` until it is 0, then streams (TDATA, TUSER) of `words`, and shows `count` predictions."""

    def __init__(self, port, status, words, count):
        self.bus = bus = wishbone.Interface(adr_width=30)
        at, more, shown = Signal(max=len(words) + 1), Signal(), Signal(32)
        for column, part in enumerate(("tdata", "tuser")):
            self.comb += port[f"s_axis_samples_{part}"].eq(Array(word[column] for word in words)[at])
        self.comb += [more.eq(at != len(words)), port["m_axis_predictions_tready"].eq(1)]
        self.submodules.fsm = FSM("WAIT")
        self.fsm.act("WAIT", bus.cyc.eq(1), bus.stb.eq(1), bus.adr.eq(status >> 2))
        self.fsm.act("WAIT", If(bus.ack & (bus.dat_r == 0), NextState("TRAIN")))
        self.fsm.act("TRAIN", port["s_axis_samples_tvalid"].eq(more))
        self.fsm.act("TRAIN", If(more & port["s_axis_samples_tready"], NextValue(at, at + 1)))
        show = [Display("prediction %d", port["m_axis_predictions_tdata"]), shown.eq(shown + 1)]
        self.sync += If(port["m_axis_predictions_tvalid"], *show, If(shown == count - 1, Finish()))


folder = Path(sys.argv[1])
manifest, vectors = (json.loads((folder / f"bephw_trainer{end}.json").read_text()) for end in ("", "_vectors"))
step, samples = manifest["streams"]["samples"]["inputs_per_word"], [s for s in vectors["samples"] if s["learn"]]
cuts = [(s["bits"][at : at + step], s["label"]) for s in samples for at in range(0, len(s["bits"]), step)]
words = [(int(bits[::-1], 2), label) for bits, label in cuts]  # the first input lowest
status = next(row["byte_address"] for row in manifest["registers"] if row["name"] == "status")
soc = SoCMini(SimPlatform("SIM", [("sys_clk", 0, Pins(1))]), clk_freq=1_000_000)
soc.submodules.crg = CRG(soc.platform.request("sys_clk"))
soc.submodules.trainer = Trainer(soc.platform, folder, manifest)
soc.submodules.host = Host(soc.trainer.port, BASE + status, words, len(samples))
soc.bus.add_slave("trainer", soc.trainer.bus, SoCRegion(origin=BASE, size=0x4000, cached=False))
soc.bus.add_master("host", soc.host.bus)
soc.finalize()
soc.platform.get_verilog(soc, name="soc").write(str(folder / "soc.v"))
