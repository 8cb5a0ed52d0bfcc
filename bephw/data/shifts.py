"""Training images that move by a few pixels, other ones in every epoch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from bephw.data.encoding import Encoding
from bephw.data.features import Features
from bephw.errors import BephwError, check

__all__ = ["Shifts", "fit_shifts"]

STREAM = 5  # The random stream of this name; the golden model has 0 to 4 of the same seed.


@dataclass(frozen=True, eq=False)
class Shifts:
    """The training images, and how they are moved before they are encoded.

    In every epoch each image is moved by a whole number of pixels, -`most` to `most`, down and as many to the right,
    all equally likely. Pixels that come in from outside are 0.

    Attributes:
        features: images (n, rows * columns), row by row.
        image: (rows, columns).
        most: at least 1, below rows and columns.
        encoding: as fitted on the images where they are.
    """

    features: NDArray
    image: tuple[int, int]
    most: int
    encoding: Encoding

    def bits(self, seed: int, epoch: int, numbers: NDArray[np.integer]) -> NDArray[np.uint8]:
        """Bits (n, K_0) of images `numbers` in epoch `epoch` (from 1), whichever others are asked for."""
        down, right = self.moves(seed, epoch)[numbers].T
        return self.encoding.transform(self._moved(self.features[numbers], down, right))

    def moves(self, seed: int, epoch: int) -> NDArray[np.int64]:
        """Pixels (n, 2) down and to the right by which every image is moved; a function of the arguments."""
        random = np.random.default_rng([seed, STREAM, epoch])
        return random.integers(-self.most, self.most + 1, (len(self.features), 2))

    def _moved(self, x: NDArray, down: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray:
        rows, columns = self.image
        border = (self.most, self.most)
        padded = np.pad(x.reshape(-1, rows, columns), ((0, 0), border, border))
        windows = sliding_window_view(padded, (1, rows, columns))
        return windows[np.arange(len(x)), self.most - down, self.most - right].reshape(x.shape)


def fit_shifts(most: int, features: Features, encoding: Encoding) -> Shifts | None:
    """The shifts that `data.shift = most` asks for; None for 0. Raises `BephwError` for anything but images."""
    if not most:
        return None
    check(not encoding.recurrent, f"data.shift: needs images, not series of steps ({features.name})")
    if features.image is None:
        raise BephwError(f"data.shift: needs images (samples, rows, columns), which {features.name} does not hold")
    rows, columns = features.image
    check(
        most < min(rows, columns),
        f"data.shift must be less than the sides of the {rows} x {columns} images of {features.name}, not {most}",
    )
    return Shifts(features.x_train, features.image, most, encoding)
