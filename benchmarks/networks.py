"""Trained networks for the benchmarks of inference: learnt here, published, or in a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bephw.cli.options import read_settings
from bephw.errors import check
from bephw.exchange.input_range import InputRange
from bephw.exchange.qonnx_import import read_qonnx
from bephw.flow.learning import prepare
from bephw.flow.learnt import Learnt, settings_beside
from bephw.golden.classifier import classifier
from bephw.golden.training import fit
from bephw.settings import Settings
from bephw.state import NetworkState
from bephw.states import AnyState

__all__ = ["CASES", "Trained", "network", "network_in"]

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
FAST = ("hardware.rows=[16,16,5]", "hardware.columns=[64,21,11]", "hardware.stream_width=16")
# Of published networks: groups * words of the slowest layer are the cycles a sample; a word of weights in block RAM is
# read in each of them.
FOLDINGS = {
    "tfc-64": {"rows": [8, 4, 4, 1], "columns": [98, 16, 16, 16], "stream_width": 13},
    "tfc-16": {"rows": [16, 8, 8, 4], "columns": [196, 32, 32, 16], "stream_width": 49},
    "lfc-512": {"rows": [16, 16, 16, 1], "columns": [98, 128, 128, 32], "stream_width": 8},
}
BRIGHT = 128  # a pixel of LFC's inputs is 1 from here on
CASES = {
    "tiny": ("unrolled", "folded"),
    "digits": ("unrolled", "folded"),
    "digits-fast": ("folded",),
    "fashion": ("folded",),
    "tfc": ("unrolled",),
    **dict.fromkeys(FOLDINGS, ("folded",)),
}
"""Styles in which each network is built, by its name."""


@dataclass(frozen=True)
class Trained:
    """A network that classifies.

    Attributes:
        source: what names it on the command line.
        settings, state: as inference takes them.
        accuracy: of held-out samples.
    """

    source: str
    settings: Settings
    state: AnyState
    accuracy: float

    @property
    def name(self) -> str:
        """As people write it: 784-255-255-10."""
        return "-".join(map(str, [*self.settings.network.sizes, self.settings.network.classes]))


def network(name: str, epochs: int | None) -> Trained:
    """One of `CASES`.

    Args:
        epochs: of those that are trained here; None is as many as their settings say.

    Raises `BephwError` where a published one is asked for and `BEPHW_DATA` names no folder with it.
    """
    found = published(name) if name.partition("-")[0] in ("tfc", "lfc") else trained(learning()[name], epochs)
    return Trained(f"--network {name}" + ("" if epochs is None else f" --epochs {epochs}"), *found)


def network_in(path: Path, changes: Sequence[str]) -> Trained:
    """What `bephw train --state` wrote, with changes to its settings; measured on the data that these name."""
    settings, state = read_settings(settings_beside(path), tuple(changes)), Learnt.load(path).state
    _, dataset = prepare(settings)
    predictions = classifier(settings, state).predict(dataset.x_test)[0]
    source = " ".join([f"--state {path}", *(f"--set {change}" for change in changes)])
    return Trained(source, settings, state, float((predictions == dataset.y_test).mean()))


def learning() -> dict[str, Settings]:
    """Settings of those that are trained here, by name."""
    tiny = Settings.build(
        network={"sizes": [64, 15], "classes": 10},
        learning={"gamma": 5, "nu": 0.5, "batch": 20, "r": 0.5, "epochs": 10},
        hardware={"rows": 3, "columns": 8},
        data={"name": "digits"},
    )
    digits = EXAMPLES / "digits.toml"
    return {
        "tiny": tiny,
        "digits": read_settings(digits, ()),
        "digits-fast": read_settings(digits, ("hardware.update_columns=1", *FAST)),
        "fashion": read_settings(EXAMPLES / "fashion_fast.toml", ()),
    }


def trained(settings: Settings, epochs: int | None) -> tuple[Settings, NetworkState, float]:
    """What the golden model learns."""
    _, dataset = prepare(settings)
    result = fit(settings, dataset, epochs=epochs)
    accuracy = result.history[-1].test_accuracy
    assert accuracy is not None
    return settings, result.state, accuracy


def published(name: str) -> tuple[Settings, NetworkState, float]:
    """A network of a file, with its folding if it has one, and its accuracy on the test images of MNIST."""
    folder = os.environ.get("BEPHW_DATA")
    check(folder is not None, "BEPHW_DATA must name the folder of published networks, and of mnist.npz")
    data = Path(str(folder))
    learnt = tfc(data) if name.startswith("tfc") else lfc(data)
    changes = {f"hardware.{key}": value for key, value in FOLDINGS.get(name, {}).items()}
    learnt = replace(learnt, settings=learnt.settings.replace(changes))
    with np.load(data / "mnist.npz") as arrays:
        x, y = arrays["x_test"].reshape(-1, 784), arrays["y_test"]
    predictions = learnt.predict(x if learnt.encoding else (x >= BRIGHT).astype(np.uint8))
    return learnt.settings, learnt.state, float((predictions == y).mean())


def tfc(data: Path) -> Learnt:
    """TFC 1W1A of Brevitas."""
    return read_qonnx(data / "qonnx" / "tfc_1w1a.onnx", InputRange(scale=255), {"name": "mnist"})


def lfc(data: Path) -> Learnt:
    """LFC, from weights as bits and integer thresholds."""
    with np.load(data / "networks" / "lfc.npz") as arrays:
        weights = [arrays[f"weights_{layer}"] for layer in range(4)]
        thresholds = tuple(arrays[f"thresholds_{layer}"].astype(np.int32) for layer in range(3))
    sizes = [weights[0].shape[1], *(len(rows) for rows in weights[:3])]
    settings = Settings.build(network={"sizes": sizes, "classes": len(weights[3]), "thresholds": True})
    state = NetworkState(
        counters=tuple(bits.astype(np.int16) - np.int16(1) for bits in weights[:3]),
        prototypes=weights[3].astype(np.uint8),
        generators=np.ones(3, np.uint32),
        accumulators=np.zeros(3, np.uint32),
        thresholds=thresholds,
    )
    return Learnt(settings, state.validate(settings), None)
