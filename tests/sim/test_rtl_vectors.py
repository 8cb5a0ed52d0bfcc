"""The emitted Verilog against the reference vectors, at several foldings, memories initialised or loaded, stalled."""

import pytest

from bephw.check import check_vector
from bephw.sim.job import Stalls

# (rows, columns), clipped to every layer; none of them but (1, 1) divides all sizes. The second one's state is loaded,
# and its streams stall.
FOLDINGS = {
    "mlp_one_layer": [(1, 1), (5, 7)],
    "mlp_two_layers": [(6, 33), (4, 8)],
    "mlp_three_layers_narrow_counters": [(1, 5), (5, 7)],
    "mlp_ties_plus": [(16, 5), (3, 32)],
    "mlp_wide": [(2, 8), (7, 13)],
    "v2_mlp_burst": [(7, 16), (3, 5)],
    "lbes_two_layers": [(3, 5), (7, 16)],
    "bep_tt_small": [(15, 25), (3, 5)],
    "bep_tt_long": [(7, 16), (5, 33)],
}
CASES = [
    pytest.param(name, *folding, index == 1, id=f"{name}-{folding[0]}x{folding[1]}")
    for name, foldings in FOLDINGS.items()
    for index, folding in enumerate(foldings)
]


@pytest.mark.parametrize(("name", "rows", "columns", "load"), CASES)
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
