"""The user's own samples, from an .npz file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bephw.data.columns import Columns
from bephw.data.features import Features
from bephw.data.split import stratified_split
from bephw.errors import check
from bephw.settings import Data
from bephw.state import load_arrays

__all__ = ["npz"]

DIVIDED = ("x_train", "y_train", "x_test", "y_test")
WHOLE = ("x", "y")


def npz(data: Data, *, steps: bool = False) -> Features:
    """`x_train y_train x_test y_test` of the file `data.path`, or `x y`, which are split; images are flattened.

    `x` and `y` are split by `data.test_fraction` and `data.seed`. Arrays of three dimensions hold images (samples,
    rows, columns), or with `steps`, (samples, steps, features): these stay as they are. Raises `BephwError`.
    """
    check(data.path is not None, "data.path: required when data.name is npz")
    path = str(data.path)
    x_train, y_train, x_test, y_test = _parts(path, load_arrays(path), data)
    image = None if steps else _image(x_train)
    check(
        image is None or data.encoder.edges is None or _image(x_test) == image,
        f"{path}: data.encoder.edges: images of x_test must have shape {image} as those of x_train, "
        f"not {x_test.shape[1:]}",
    )
    x_train, x_test = (_flat(x, steps) for x in (x_train, x_test))
    columns = None
    if data.missing is not None:
        x_train, x_test = (_floats(x, f"{path}: {name}") for x, name in ((x_train, "x_train"), (x_test, "x_test")))
        shape, other = x_train.shape[1:], x_test.shape[1:]
        check(shape == other, f"{path}: samples of x_test must have shape {shape} as those of x_train, not {other}")
        width = shape[-1]
        check(width > 0, f"{path}: samples must have at least one feature, not shape {x_train.shape}")
        columns = Columns.of_numbers([str(feature) for feature in range(width)], named=False, label=str(width))
    return Features(path, x_train, y_train, x_test, y_test, image=image, columns=columns)


def _parts(path: str, arrays: dict[str, NDArray], data: Data) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """x_train, y_train, x_test and y_test as in the file, or drawn from its x and y."""
    whole = "x" in arrays and not any(name in arrays for name in DIVIDED)
    for name in WHOLE if whole else DIVIDED:
        check(name in arrays, f"{path}: array {name} is missing")
    for x, y in (WHOLE,) if whole else (DIVIDED[:2], DIVIDED[2:]):
        check(arrays[x].ndim >= 2, f"{path}: {x} must have shape (samples, features), not {arrays[x].shape}")
        samples = len(arrays[x])
        check(
            arrays[y].shape == (samples,),
            f"{path}: {y} must have shape ({samples},), one label a sample of {x}, not {arrays[y].shape}",
        )
    if not whole:
        x_train, y_train, x_test, y_test = (arrays[name] for name in DIVIDED)
        return x_train, y_train, x_test, y_test
    features, labels = arrays["x"], arrays["y"]
    check(len(features) > 0, f"{path}: x must hold at least one sample")
    train, test = stratified_split(labels, data.test_fraction, data.seed)
    return features[train], labels[train], features[test], labels[test]


def _image(x: NDArray) -> tuple[int, int] | None:
    return (x.shape[1], x.shape[2]) if x.ndim == 3 else None


def _flat(images: NDArray, steps: bool) -> NDArray:
    if steps and images.ndim == 3:
        return images
    return images.reshape(len(images), int(np.prod(images.shape[1:])))


def _floats(x: NDArray, source: str) -> NDArray[np.float64]:
    check(x.dtype.kind in "iufb", f"{source}: must hold numbers, not {x.dtype}")
    return x.astype(np.float64)
