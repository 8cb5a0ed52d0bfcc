"""Compiling is timed and told apart from what is loaded from the cache."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from bephw.golden.compiled.compilation import compilation
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.settings import Settings


def test_compiling_is_told_once_and_timed():
    told = []
    first, second = numba.njit(lambda x: x + 1), numba.njit(lambda x: x + 2)
    with compilation(lambda: told.append(1)) as compiling:
        assert compiling.seconds == 0
        first(1)
        once = compiling.seconds
        second(1)
    assert told == [1]
    assert 0 < once < compiling.seconds
    with compilation(lambda: told.append(2)) as compiling:
        first(2)
    assert (told, compiling.seconds) == ([1], 0)


CACHED = """
import sys
sys.path.insert(0, sys.argv[1])
from quickly import increase
from bephw.golden.compiled.compilation import compilation
with compilation(lambda: print("compiling")) as compiling:
    increase(1)
print(compiling.seconds > 0)
"""
QUICKLY = """
from bephw.golden.compiled.cache import compiled
@compiled
def increase(x):
    return x + 1
"""


def test_code_from_the_cache_is_not_compiled(tmp_path):
    (tmp_path / "quickly.py").write_text(QUICKLY)
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    for expected in ("compiling\nTrue\n", "False\n"):
        command = [sys.executable, "-c", CACHED, tmp_path]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout == expected
    assert list(Path(tmp_path / "cache" / "bephw").glob("compiled-*"))


@pytest.mark.parametrize(
    ("algorithm", "clipping"),
    [
        ("bep", "step"),
        ("lbes", "step"),
        ("bep-tt", "step"),
        pytest.param("bep", "batch", marks=pytest.mark.slow),
    ],
)
def test_a_warm_engine_has_nothing_to_compile(algorithm, clipping):
    settings = Settings.build(
        network={"sizes": [5, 4, 4], "classes": 2}, learning={"algorithm": algorithm, "clipping": clipping}
    )
    model = GoldenModel(settings, initial_state(settings))
    x = np.random.default_rng(0).integers(0, 2, (6, 3, 5) if settings.recurrent else (6, 5), np.uint8)
    before = model.state.to_arrays()
    model.warm_up(x)
    for name, array in model.state.to_arrays().items():
        np.testing.assert_array_equal(array, before[name])
    assert model.batch_position == 0
    with compilation(lambda: pytest.fail("compiles")):
        model.train(x, np.zeros(6, int))
        model.predict(x)
