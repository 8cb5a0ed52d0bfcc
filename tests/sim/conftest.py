"""The simulators in turn, and the helper modules beside this file as fixtures."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from bephw.errors import BephwError
from bephw.sim.runner import SIMULATORS, require_simulator


@pytest.fixture(params=SIMULATORS)
def simulator(request) -> str:
    """Each simulator in turn; skips one that is not installed."""
    try:
        require_simulator(request.param)
    except BephwError as error:
        pytest.skip(str(error))
    return request.param


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    return _beside("samples")


@pytest.fixture(scope="session")
def standin() -> ModuleType:
    return _beside("standin")


def _beside(name: str) -> ModuleType:
    """Test modules cannot import one another under importlib mode."""
    spec = importlib.util.spec_from_file_location(f"bephw_test_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
