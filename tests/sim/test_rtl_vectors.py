"""The emitted Verilog against the reference vectors, each at a folding, memories initialised or loaded, stalled."""

import pytest

from bephw.check import check_vector
from bephw.sim.job import Stalls

# Rows and columns, clipped to every layer; none of them but (1, 1) divides all sizes. `make vectors` has more of them.
# Every program has its state in its memories once, and once loaded, where its streams stall too.
INITIALISED, LOADED = False, True
CASES = [
    ("mlp_one_layer", 1, 1, INITIALISED),
    ("mlp_two_layers", 4, 8, LOADED),
    ("mlp_three_layers_narrow_counters", 5, 7, INITIALISED),
    ("mlp_ties_plus", 3, 32, LOADED),
    ("mlp_wide", 2, 8, INITIALISED),
    ("v2_mlp_burst", 7, 16, LOADED),
    ("lbes_two_layers", 3, 5, INITIALISED),
    ("lbes_two_layers", 7, 16, LOADED),
    ("bep_tt_small", 3, 5, LOADED),
    ("bep_tt_long", 5, 33, INITIALISED),
]


@pytest.mark.parametrize(("name", "rows", "columns", "load"), CASES, ids=str)
def test_vector(name, rows, columns, load, vectors_folder, workdir):
    path = vectors_folder / f"{name}.npz"
    stalls = Stalls(samples=0.3, predictions=0.5, transfers=0.3) if load else None
    report = check_vector(path, rtl=True, rows=rows, columns=columns, workdir=workdir, load=load, stalls=stalls)
    assert report.mismatches == []
    # All arrays of the file, twice, less the logits that hardware does not put out, plus prototypes.
    golden = [line for line in report.compared if line.startswith("golden model: ")]
    verilog = [line for line in report.compared if line.startswith("Verilog: ")]
    classifiers = sum("prototypes" in line for line in verilog)
    assert classifiers == (2 if name.startswith("lbes") else 1)
    assert len(golden) - 1 == len(verilog) - classifiers >= 5
    assert report.result.statistics[0]["samples"] == len(report.result.prediction)
    taught = report.result.taught.sum(axis=0, keepdims=True).ravel()
    statistics = [count for name, count in report.result.statistics[0].items() if name.startswith("taught")]
    assert statistics == taught.tolist()
