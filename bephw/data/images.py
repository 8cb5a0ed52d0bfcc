"""MNIST and FashionMNIST: 70,000 images of 28 x 28 pixels, 0 to 255."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bephw.data.download import fetch
from bephw.data.features import Features
from bephw.errors import check
from bephw.state import load_arrays

__all__ = ["fashion_mnist", "mnist"]

TRAINING_SAMPLES = 50_000
IMAGE = (28, 28)


@dataclass(frozen=True)
class _Source:
    """Official place of the four IDX files, with the SHA-256 of each."""

    base: str
    checksums: dict[str, str]


_MNIST = _Source(
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    {
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
)
_FASHION_MNIST = _Source(
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    {
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
)


def mnist(folder: Path | None, cache: Path) -> Features:
    """The official split, 60,000 and 10,000 images, from `folder`/mnist.npz or downloaded into `cache`."""
    if folder is None:
        return Features("mnist", *_download(_MNIST, cache / "mnist"), image=IMAGE)
    path = folder / "mnist.npz"
    arrays = _arrays(path, ("x_train", "y_train", "x_test", "y_test"))
    return Features(
        "mnist",
        _pixels(arrays["x_train"], path),
        arrays["y_train"],
        _pixels(arrays["x_test"], path),
        arrays["y_test"],
        image=IMAGE,
    )


def fashion_mnist(folder: Path | None, cache: Path) -> Features:
    """50,000 training, 10,000 validation and 10,000 test images.

    From `folder`/fashion_mnist.npz, which holds all 70,000 shuffled as `x` and `y`; or downloaded into `cache`:
    then the test images are the official ones, and the validation images the last of the training file.
    """
    if folder is None:
        x_train, y_train, x_test, y_test = _download(_FASHION_MNIST, cache / "fashion_mnist")
        x, y = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    else:
        path = folder / "fashion_mnist.npz"
        arrays = _arrays(path, ("x", "y"))
        x, y = _pixels(arrays["x"], path), arrays["y"]
        check(len(x) == 70_000, f"{path}: x must hold 70000 images, not {len(x)}")
        check(y.shape == (70_000,), f"{path}: y must have shape (70000,), one label an image, not {y.shape}")
    first, second = TRAINING_SAMPLES, TRAINING_SAMPLES + 10_000
    return Features(
        "fashion_mnist",
        x_train=x[:first],
        y_train=y[:first],
        x_validation=x[first:second],
        y_validation=y[first:second],
        x_test=x[second:],
        y_test=y[second:],
        image=IMAGE,
    )


def _arrays(path: Path, names: tuple[str, ...]) -> dict[str, NDArray]:
    arrays = load_arrays(path)
    for name in names:
        check(name in arrays, f"{path}: array {name} is missing")
    return arrays


def _pixels(images: NDArray, path: Path) -> NDArray:
    check(images.shape[1:] == IMAGE, f"{path}: images must have shape (n, 28, 28), not {images.shape}")
    return images.reshape(len(images), 784)


def _download(source: _Source, cache: Path) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """x_train (60000, 784), y_train, x_test (10000, 784), y_test."""
    arrays = []
    for name, checksum in source.checksums.items():
        with gzip.open(fetch(source.base + name, checksum, cache)) as file:
            arrays.append(_idx(file.read()))
    x_train, y_train, x_test, y_test = arrays
    return x_train.reshape(len(x_train), 784), y_train, x_test.reshape(len(x_test), 784), y_test


def _idx(content: bytes) -> NDArray[np.uint8]:
    """The array of an IDX file of bytes: 00 00 08, number of dimensions, big-endian sizes, data."""
    dimensions = content[3]
    sizes = np.frombuffer(content, ">u4", dimensions, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(sizes.tolist())
