"""The design as a core of FuseSoC, the package manager of hardware designs."""

from __future__ import annotations

from typing import Any

import bephw
from bephw.flow.emitted.templates import render
from bephw.rtl_gen.buses.names import AXI4_LITE, NATIVE, WISHBONE

__all__ = ["fusesoc_core"]

OF_A_TRAINER = {
    NATIVE: "",
    WISHBONE: ", on Wishbone and AXI4-Stream",
    AXI4_LITE: ", on AXI4-Lite and AXI4-Stream",
}
OF_INFERENCE = {NATIVE: "", AXI4_LITE: ", on AXI4-Stream"}


def fusesoc_core(manifest: dict[str, Any], network: str, *, testbench: bool) -> str:
    """A core description (CAPI2): files, and targets `default`, `lint` and, where there is a testbench, `sim`.

    `network` is the network's sizes, in words.
    """
    inference = "inference" in manifest
    kind = "A trained binary neural network" if inference else "A trainer for a binary neural network"
    buses = OF_INFERENCE if inference else OF_A_TRAINER
    return render(
        "core.j2",
        name=manifest["name"],
        version=bephw.__version__,
        description=f"{kind}, {network}{buses[manifest['bus']]}",
        registers="registers" in manifest,
        testbench=testbench,
    )
