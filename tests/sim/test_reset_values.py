"""A trainer that nobody writes to learns as the golden model does in its first epoch, with reinforcement."""

from importlib.util import find_spec

import numpy as np
import pytest

from bephw.check import compare_training
from bephw.golden.rates import rates
from bephw.settings import Settings
from bephw.toolchain import find

NETWORK = {"network": {"sizes": [40, 12, 12], "classes": 3}, "hardware": {"rows": 2, "columns": 4}}


def edges_of_writes_and_predictions(path):
    """Lines of a VCD file at which the trainer's csr__write and predictions__valid rise."""
    codes, rises = {}, {"csr__write": [], "predictions__valid": []}
    for number, line in enumerate(path.read_text().splitlines()):
        match line.split():
            case ["$var", _, _, code, name, *_] if name in rises:
                codes.setdefault(code, name)
            case [change] if change[0] == "1" and change[1:] in codes:
                rises[codes[change[1:]]].append(number)
    return rises


@pytest.mark.parametrize(
    "learning",
    [pytest.param({"p_r": 0.9}, marks=pytest.mark.slow), {"rates": [70_000, 150_000]}],
    ids=["p_r", "rates"],
)
def test_learns_as_in_a_first_epoch(workdir, samples, learning):
    settings = Settings.build(**NETWORK, learning={"batch": 5, "bits": 4, "gamma": 2, **learning})
    assert all(rate > 2**15 for rate in rates(settings, 1 / 3))
    generator = np.random.default_rng(4)
    state = samples.random_state(settings, generator)
    segment = samples.random_segment(settings, generator, 40)
    report = compare_training(settings, state, [segment], workdir=workdir, optimize=False)
    assert not report.mismatches
    for layer, counters in enumerate(state.counters):
        assert report.result.registers[f"rate_{layer}"] == rates(settings, 1 / 3)[layer]
        assert (report.result.state.counters[layer] != counters).any()


def test_no_register_is_written_before(samples, tmp_path):
    """What the test above says of the bench: nothing is written until all predictions are there."""
    if find("iverilog") is None or not find_spec("cocotb"):
        pytest.skip("iverilog or cocotb is not installed")
    settings = Settings.build(**NETWORK, learning={"batch": 5, "bits": 4, "gamma": 2})
    generator = np.random.default_rng(4)
    state = samples.random_state(settings, generator)
    segment = samples.random_segment(settings, generator, 20)
    waves = tmp_path / "waves.vcd"
    report = compare_training(settings, state, [segment], simulator="icarus", workdir=tmp_path, waves=waves)
    assert not report.mismatches
    rises = edges_of_writes_and_predictions(waves)
    assert len(rises["predictions__valid"]) >= 10
    assert min(rises["csr__write"]) > max(rises["predictions__valid"])  # the dump of the state
