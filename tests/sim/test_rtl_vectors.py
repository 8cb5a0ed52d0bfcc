"""The emitted Verilog against the reference vectors, at several foldings, memories initialised or loaded, stalled."""

import pytest

from bephw.check import check_vector
from bephw.sim.job import Stalls

# (rows, columns, samples at a time), clipped to every layer; they divide no sizes. Where the last is true the state is
# loaded, and streams stall. Other foldings: `bephw check --rtl`.
CASES = [
    ("mlp_three_layers_narrow_counters", 5, 7, 1, True),
    ("v2_mlp_burst", 3, 5, 1, True),
    ("v2_mlp_lag", 7, 16, 4, True),
    ("v2_tt_both", 3, 5, 2, True),
]
MORE = [
    ("lbes_two_layers", 7, 16, 2, True),
    ("mlp_ties_plus", 16, 5, 4, False),
    ("mlp_two_layers", 6, 33, 1, False),
    ("mlp_one_layer", 5, 7, 1, True),
    ("mlp_two_layers", 4, 8, 3, True),
    ("mlp_wide", 7, 13, 1, True),
    ("v2_lbes_both", 3, 5, 2, False),
    ("bep_tt_small", 3, 5, 1, True),
    ("v2_tt_both", 7, 16, 1, False),
    ("lbes_two_layers", 3, 5, 1, False),
    ("bep_tt_long", 7, 16, 1, False),
]


@pytest.mark.parametrize(
    ("name", "rows", "columns", "samples", "load"),
    [*CASES, *(pytest.param(*case, marks=pytest.mark.slow) for case in MORE)],
)
def test_vector(name, rows, columns, samples, load, vectors_folder, workdir):
    path = vectors_folder / f"{name}.npz"
    stalls = Stalls(samples=0.3, predictions=0.5, transfers=0.3) if load else None
    folding = {"rows": rows, "columns": columns, "samples": samples}
    report = check_vector(path, rtl=True, **folding, workdir=workdir, load=load, stalls=stalls)
    assert report.mismatches == []
    # All arrays of the file, twice, less the logits that hardware does not put out, plus prototypes.
    golden = [line for line in report.compared if line.startswith("golden model: ")]
    verilog = [line for line in report.compared if line.startswith("Verilog: ")]
    classifiers = sum("prototypes" in line for line in verilog)
    assert classifiers == (2 if "lbes" in name else 1)
    assert len(golden) - 1 == len(verilog) - classifiers >= 5
    assert report.result.statistics[0]["samples"] == len(report.result.prediction)
    taught = report.result.taught.sum(axis=0, keepdims=True).ravel()
    statistics = [count for name, count in report.result.statistics[0].items() if name.startswith("taught")]
    assert statistics == taught.tolist()
