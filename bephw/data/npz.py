"""The user's own samples, from an .npz file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bephw.data.dataset import Features
from bephw.errors import check
from bephw.settings import Data
from bephw.state import load_arrays

__all__ = ["npz"]

ARRAYS = ("x_train", "y_train", "x_test", "y_test")


def npz(data: Data, *, steps: bool = False) -> Features:
    """`x_train y_train x_test y_test` of the file `data.path`; images are flattened. Raises `BephwError`.

    Arrays of three dimensions hold images (samples, rows, columns), or with `steps`, (samples, steps, features): these
    stay as they are.
    """
    check(data.path is not None, "data.path: required when data.name is npz")
    path = str(data.path)
    arrays = load_arrays(path)
    for name in ARRAYS:
        check(name in arrays, f"{path}: array {name} is missing")
    for x, y in (("x_train", "y_train"), ("x_test", "y_test")):
        check(arrays[x].ndim >= 2, f"{path}: {x} must have shape (samples, features), not {arrays[x].shape}")
        samples = len(arrays[x])
        check(
            arrays[y].shape == (samples,),
            f"{path}: {y} must have shape ({samples},), one label a sample of {x}, not {arrays[y].shape}",
        )
    image = None if steps else _image(arrays["x_train"])
    check(
        image is None or data.encoder.edges is None or _image(arrays["x_test"]) == image,
        f"{path}: data.encoder.edges: images of x_test must have shape {image} as those of x_train, "
        f"not {arrays['x_test'].shape[1:]}",
    )
    x_train, x_test = (_flat(arrays[x], steps) for x in ("x_train", "x_test"))
    return Features(path, x_train, arrays["y_train"], x_test, arrays["y_test"], image=image)


def _image(x: NDArray) -> tuple[int, int] | None:
    return (x.shape[1], x.shape[2]) if x.ndim == 3 else None


def _flat(images: NDArray, steps: bool) -> NDArray:
    if steps and images.ndim == 3:
        return images
    return images.reshape(len(images), int(np.prod(images.shape[1:])))
