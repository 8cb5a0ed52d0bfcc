"""From the `data` part of the settings to bits and labels."""

from __future__ import annotations

from pathlib import Path

from numpy.typing import NDArray

from bephw.data.dataset import Dataset, Features, check_labels
from bephw.data.digits import digits
from bephw.data.encoding import Encoding, fit_encoding
from bephw.data.images import fashion_mnist, mnist
from bephw.data.npz import npz
from bephw.data.random_prototypes import random_prototypes
from bephw.errors import check
from bephw.settings import Data

__all__ = ["load"]

PROTOTYPE_BITS = 1000


def load(
    data: Data,
    *,
    classes: int,
    inputs: int | None = None,
    folder: Path | None = None,
    cache: Path | None = None,
) -> Dataset:
    """Read, encode and check the data set that `data` names.

    Args:
        data: the settings' `data` part.
        classes: labels must lie below it.
        inputs: K_0, the bits that an encoded sample must have; unchecked where None. Random prototypes are drawn
            with that many bits (1,000 where None).
        folder: where mnist.npz and fashion_mnist.npz lie; downloaded where None.
        cache: where downloads are kept; a folder of the user's cache where None.

    The encoder is fitted on the training samples only. Equal arguments give equal bits. Raises `BephwError`.
    """
    features = _read(data, classes, inputs, folder, cache or Path.home() / ".cache" / "bephw")
    encoding = fit_encoding(data.encoder, features.x_train, f"{features.name}: x_train")
    check(
        inputs is None or encoding.bits == inputs,
        f"network.sizes[0] must be {encoding.bits}, the bits of an encoded sample "
        f"({features.name}, encoder {data.encoder.kind}), not {inputs}",
    )
    x_train, y_train = _encode(encoding, features, "train", classes)
    x_test, y_test = _encode(encoding, features, "test", classes)
    if features.x_validation is None:
        return Dataset(x_train, y_train, x_test, y_test, features.name)
    return Dataset(x_train, y_train, x_test, y_test, features.name, *_encode(encoding, features, "validation", classes))


def _read(data: Data, classes: int, inputs: int | None, folder: Path | None, cache: Path) -> Features:
    match data.name:
        case "digits":
            return digits(data)
        case "mnist":
            return mnist(folder, cache)
        case "fashion_mnist":
            return fashion_mnist(folder, cache)
        case "npz":
            return npz(data)
        case "random_prototypes":
            check(
                data.encoder.kind == "none",
                f"data.encoder.kind must be none for random_prototypes, which are bits, not {data.encoder.kind}",
            )
            return random_prototypes(data, classes=classes, inputs=inputs or PROTOTYPE_BITS)


def _encode(encoding: Encoding, features: Features, part: str, classes: int) -> tuple[NDArray, NDArray]:
    x, y = getattr(features, f"x_{part}"), getattr(features, f"y_{part}")
    bits = encoding.transform(x, f"{features.name}: x_{part}")
    return bits, check_labels(f"{features.name}: y_{part}", y, len(bits), classes)
