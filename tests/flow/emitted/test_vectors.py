"""Vectors that are emitted say what they were made with."""

import json

import numpy as np
import pytest

from bephw.check import check_vector
from bephw.flow.emitted.stimulus import Stimulus
from bephw.flow.emitted.vectors import expect
from bephw.golden.initial import initial_state
from bephw.settings import Settings
from bephw.state import save_arrays


@pytest.mark.parametrize("options", [{}, {"burst": 8}, {"lag": 1}, {"burst": 2, "lag": 1}])
@pytest.mark.parametrize("algorithm", ["bep", "lbes", "bep-tt"])
def test_a_vector_file_has_the_options_that_are_not_the_defaults(tmp_path, algorithm, options):
    settings = Settings.build(
        network={"sizes": [11, 6, 4], "classes": 3},
        learning={"algorithm": algorithm, "batch": 4, "rates": 150_000, "R": 9, "bits": 3, **options},
    )
    random = np.random.default_rng(0)
    x = random.integers(0, 2, (30, 3, 11) if settings.recurrent else (30, 11)).astype(np.uint8)
    y = random.integers(0, 3, 30)
    arrays = expect(settings, initial_state(settings), Stimulus(x, y, x[:0], y[:0], "random")).to_arrays(settings)
    meta = json.loads(arrays["meta"].tolist())
    assert {name: meta[name] for name in ("burst", "lag") if name in meta} == options
    save_arrays(tmp_path / "vector.npz", arrays)
    assert check_vector(tmp_path / "vector.npz").mismatches == []
    # Without its options the file is another one.
    meta = {name: value for name, value in meta.items() if name not in options}
    save_arrays(tmp_path / "other.npz", {**arrays, "meta": np.array(json.dumps(meta))})
    assert bool(check_vector(tmp_path / "other.npz").mismatches) == bool(options)
