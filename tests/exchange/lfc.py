"""LFC of BNN-PYNQ, 784-1024-1024-1024-10, as weights and integer thresholds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bephw.data import Encoding
from bephw.flow.learnt import Learnt
from bephw.settings import Settings
from bephw.state import NetworkState


def lfc_arrays(data_folder: Path) -> dict[str, np.ndarray]:
    """What the file has; the test is skipped where there is none."""
    path = data_folder / "networks" / "lfc.npz"
    if not path.is_file():
        pytest.skip(f"no published network: {path} is not there")
    return dict(np.load(path))


def read_lfc(data_folder: Path) -> Learnt:
    """The network as bephw has it, behind the encoder of its images."""
    arrays = lfc_arrays(data_folder)
    weights = [arrays[f"weights_{layer}"] for layer in range(4)]
    settings = Settings.build(
        network={"sizes": (784, 1024, 1024, 1024), "classes": 10, "thresholds": True}, hardware={"columns": 1}
    )
    state = NetworkState(
        counters=tuple(bits.astype(np.int16) - np.int16(1) for bits in weights[:3]),
        prototypes=weights[3].astype(np.uint8),
        generators=np.ones(3, np.uint32),
        accumulators=np.zeros(3, np.uint32),
        thresholds=tuple(arrays[f"thresholds_{layer}"].astype(np.int32) for layer in range(3)),
    ).validate(settings)
    return Learnt(settings, state, Encoding((784,), thresholds=np.full((784, 1), 127.0)))
