"""nextpnr placing a few cells where it is told to."""

import json
import subprocess

from bephw.toolchain import require


def places_given(cells, option, folder):
    """Where nextpnr has put the cells of a netlist whose only input is net 2: their names and places.

    Asserts that it took them, on the die of `option`.
    """
    module = {"attributes": {"top": "1"}, "ports": {"i": {"direction": "input", "bits": [2]}}, "cells": cells}
    module["netnames"] = {"i": {"hide_name": 0, "bits": [2], "attributes": {}}}
    (folder / "cells.json").write_text(json.dumps({"creator": "test", "modules": {"top": module}}))
    tool = require("nextpnr-ecp5")
    command = [*tool.command, option, "--package", "CABGA381", "--json", "cells.json", "--lpf-allow-unconstrained"]
    done = subprocess.run(
        [*command, "--no-route", "--write", "placed.json"],
        cwd=folder, env={**tool.full_environment(), "TMPDIR": "."}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    found = json.loads((folder / "placed.json").read_text())["modules"]["top"]["cells"]
    return {name: found[name]["attributes"]["NEXTPNR_BEL"] for name in cells}
