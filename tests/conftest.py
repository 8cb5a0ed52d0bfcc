"""Shared fixtures: where the project's reference vectors and data sets lie on this machine, and compiled designs."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bephw.errors import BephwError
from bephw.sim.runner import require_simulator

REPOSITORY = Path(__file__).resolve().parent.parent

# Amaranth builds graphs of millions of small objects, and all of them live until a design is done: at its usual
# thresholds the garbage collector walks them over and over, a quarter of the time.
gc.set_threshold(100_000, 20, 50)

# Every run tries the same examples. How fast a machine makes and tests them says nothing of what is tested: beside
# other work, hypothesis gave tests up for it. Fixtures of a test are values that its examples share.
settings.register_profile(
    "bephw",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("bephw")


def _data() -> Path:
    """`BEPHW_DATA`, or the folder `shared/data` beside the repository."""
    named = os.environ.get("BEPHW_DATA")
    return Path(named) if named else REPOSITORY.parent / "shared" / "data"


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Folder of the data sets; the test is skipped where there is none."""
    folder = _data()
    if not folder.is_dir():
        pytest.skip(f"no data sets: {folder} is not a folder (set BEPHW_DATA)")
    return folder


@pytest.fixture(scope="session")
def vectors_folder() -> Path:
    """Folder of the reference vectors; the test is skipped where there is none."""
    folder = _data().resolve().parent / "vectors"
    if not folder.is_dir():
        pytest.skip(f"no reference vectors: {folder} is not a folder (set BEPHW_DATA to the data folder beside it)")
    return folder


@pytest.fixture(scope="session")
def workdir(request, tmp_path_factory) -> Path:
    """Where designs are compiled, shared by pytest-xdist's workers; skips where they cannot be."""
    try:
        require_simulator("verilator")
    except BephwError as error:
        pytest.skip(str(error))
    base = tmp_path_factory.getbasetemp()
    return (base.parent if hasattr(request.config, "workerinput") else base) / "simulations"
