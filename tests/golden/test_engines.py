"""The compiled engine against the NumPy reference, on layers of more than a word; whole trainings included."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bephw.golden.compiled import kernels
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.golden.training import fit
from bephw.settings import Settings

ALGORITHMS = {
    "bep": [150, 65, 128, 64],
    "bep-tt": [70, 129, 66, 63],
    "lbes": [64, 130, 65],
    "cp+r": [200, 100],
}
GAMMAS = {"bep": [13, 16, 8], "bep-tt": [43, 11, 9], "lbes": [10, 13], "cp+r": [20]}


def network(algorithm: str, **learning: Any) -> Settings:
    sizes = ALGORITHMS[algorithm]
    learning = {"nu": 0.1, "r": 0.5, "batch": 7, "p_r": 2.0, "bits": 4, "seed": 5, **learning}
    return Settings.build(network={"sizes": sizes, "classes": 6}, learning={"algorithm": algorithm, **learning})


def samples(parameters: Settings, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    steps = (4,) if parameters.recurrent else ()
    labels = random.integers(0, 6, n)
    words = random.integers(0, 2, (6, *steps, parameters.network.sizes[0]))
    return (words[labels] ^ (random.random((n, *words.shape[1:])) < 0.2)).astype(np.uint8), labels


@pytest.mark.parametrize("algorithm", list(ALGORITHMS))
@pytest.mark.parametrize("tie", ["keep", "plus"])
@pytest.mark.parametrize(
    "arithmetic", ["hardware", pytest.param("papers", marks=pytest.mark.slow), "strided", "version 2"]
)
def test_engines_agree(algorithm: str, tie: str, arithmetic: str) -> None:
    papers = {"bits": 15, "reinforcement": "bernoulli", "clipping": "batch"}
    second = {"burst": 16, "lag": 1}
    extra = {"hardware": {}, "papers": papers, "strided": {"update_stride": 3}, "version 2": second}[arithmetic]
    parameters = network(algorithm, tie=tie, **extra)
    x, y = samples(parameters, 60)
    models = [GoldenModel(parameters, initial_state(parameters), engine) for engine in ("numpy", "compiled")]
    reference, compiled = (model.train(x, y) for model in models)
    assert reference.taught.any()
    for name in ("prediction", "logits", "taught"):
        assert np.array_equal(getattr(reference, name), getattr(compiled, name)), name
    for name, array in models[0].state.to_arrays().items():
        assert np.array_equal(array, models[1].state.to_arrays()[name]), name
    assert np.array_equal(models[0].predict(x)[1], models[1].predict(x)[1])


@pytest.mark.parametrize("algorithm", list(ALGORITHMS))
def test_trainings_agree_and_learn(algorithm: str) -> None:
    parameters = network(algorithm, epochs=6, bits=8, gamma=GAMMAS[algorithm])
    x, y = samples(parameters, 200)
    dataset = SimpleNamespace(
        x_train=x[:150], y_train=y[:150], x_test=x[150:], y_test=y[150:], x_validation=None, y_validation=None
    )
    reference, compiled = (fit(parameters, dataset, engine=engine) for engine in ("numpy", "compiled"))
    for name, array in reference.state.to_arrays().items():
        assert np.array_equal(array, compiled.state.to_arrays()[name]), name
    assert [e.test_accuracy for e in reference.history] == [e.test_accuracy for e in compiled.history]
    assert compiled.history[-1].test_accuracy > 0.5


@settings(max_examples=100)
@given(n=st.integers(1, 200), seed=st.integers(0, 2**32))
def test_packed_sums_are_sums(n: int, seed: int) -> None:
    a, w = np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), (2, n))
    words, plane = np.full(-(-n // 64), 2**64 - 1, np.uint64), np.zeros((1, -(-n // 64)), np.uint64)
    kernels.pack(a, words)
    kernels.pack_rows(w[None] > 0, plane)
    z = np.zeros(1, np.int32)
    kernels.forward(plane, words, n, z)
    assert z[0] == int(a.astype(int) @ w.astype(int))
    assert words.view(np.uint8).tolist()[: -(-n // 8)] == np.packbits(a > 0, bitorder="little").tolist()


@settings(max_examples=100)
@given(bits=st.integers(2, 16), seed=st.integers(0, 2**32))
def test_rows_step_and_saturate(bits: int, seed: int) -> None:
    random, top = np.random.default_rng(seed), 2 ** (bits - 1)
    row = random.choice([-top, 1 - top, -1, 0, top - 2, top - 1], 70).astype(np.int16)
    a = random.choice(np.array([-1, 1], np.int8), 70)
    desired = random.choice(np.array([-1, 1], np.int8))
    expected = [min(max(int(c) + int(desired) * int(s), -top), top - 1) for c, s in zip(row, a, strict=True)]
    kernels.step_row(row, desired, a, np.int16(-top), np.int16(top - 1))
    assert row.tolist() == expected
