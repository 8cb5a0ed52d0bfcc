"""What the bench of inference alone is asked to do."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bephw.rtl_gen.buses.names import NATIVE
from bephw.sim.job import Stalls
from bephw.state import load_arrays, save_arrays

__all__ = ["InferenceJob"]


@dataclass(frozen=True, eq=False)
class InferenceJob:
    """Samples to classify, and how.

    Attributes:
        x: uint8 bits (n, K_0), or (n, steps, K_0), to be classified.
        word_width: bits of a word of the sample stream.
        label_width: bits of a label.
        stalls: of the streams.
        silence: clock cycles after which a design that moves nothing hangs.
        bus: "native", or "axi4-lite" where streams are AXI4-Stream.
    """

    x: NDArray[np.uint8]
    word_width: int
    label_width: int
    stalls: Stalls
    silence: int
    bus: str = NATIVE

    def save(self, folder: Path) -> None:
        plain = {
            "inputs": self.x.shape[-1],
            "word_width": self.word_width,
            "label_width": self.label_width,
            "bus": self.bus,
            "stalls": asdict(self.stalls),
            "silence": self.silence,
        }
        arrays = {"x": np.packbits(self.x, axis=-1), "plain": np.array(json.dumps(plain))}
        save_arrays(folder / "job.npz", arrays)

    @classmethod
    def load_from(cls, folder: Path) -> Self:
        arrays = load_arrays(folder / "job.npz")
        plain = json.loads(str(arrays["plain"]))
        x = np.unpackbits(arrays["x"], axis=-1, count=plain["inputs"])
        stalls = Stalls(**plain["stalls"])
        return cls(x, plain["word_width"], plain["label_width"], stalls, plain["silence"], plain["bus"])
