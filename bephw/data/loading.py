"""From the `data` part of the settings to bits and labels."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from bephw.caches import cache_folder
from bephw.data.csv_file import csv_file
from bephw.data.dataset import Dataset, check_labels
from bephw.data.digits import digits
from bephw.data.encoding import Encoding
from bephw.data.features import Features, fit_columns
from bephw.data.fitting import fit_encoding
from bephw.data.images import fashion_mnist, mnist
from bephw.data.labels import number_labels
from bephw.data.npz import npz
from bephw.data.parts import divide
from bephw.data.random_prototypes import random_prototypes
from bephw.data.shifts import fit_shifts
from bephw.data.sklearn_sets import sklearn_set
from bephw.data.ucr import ucr
from bephw.errors import BephwError, check
from bephw.settings import Data

__all__ = ["load"]

PROTOTYPE_BITS = 1000
TABLES = ("csv", "sklearn")
PARTS = ("train", "test", "validation")


def load(
    data: Data,
    *,
    classes: int = 0,
    inputs: int | None = None,
    recurrent: bool = False,
    folder: Path | None = None,
    cache: Path | None = None,
) -> Dataset:
    """Read, divide, encode and check the data set that `data` names.

    Args:
        data: the settings' `data` part.
        classes: how many there may be; 0 is as many as the labels have. Labels of other kinds than numbers below it are
            numbered (`number_labels`).
        inputs: K_0, the bits that an encoded sample (or a step of it) must have; unchecked where None or 0. Random
            prototypes are drawn with that many bits (1,000 where None or 0, or where `data.window` cuts them).
        recurrent: samples are series of steps: cut by `data.window` (which by itself makes them so), or where there
            is none, those of an .npz file with x of three dimensions (samples, steps, features).
        folder: where mnist.npz, fashion_mnist.npz and ucr, the UCR archive's folder, lie. Where None, images are
            downloaded; series that are not there come from installed packages.
        cache: where downloads are kept; `cache_folder` where None.

    Columns and encoder are fitted on the training samples only, without those for validation. Equal arguments give
    equal bits. Raises `BephwError`.
    """
    features = _read(data, classes, inputs, recurrent, folder, cache)
    features, count = _with_labels(features, classes)
    features = fit_columns(divide(features, data), data.missing)
    encoding = _encoding(features, data, recurrent)
    kind = "step" if encoding.recurrent else "sample"
    check(
        not inputs or encoding.bits == inputs,
        f"network.sizes[0] must be {encoding.bits}, the bits of an encoded {kind} "
        f"({features.name}, encoder {data.encoder.kind}), not {inputs}",
    )

    def encode(x: NDArray, name: str) -> NDArray:
        return encoding.transform(x, f"{features.name}: x_{name}")

    shifts = fit_shifts(data.shift, features, encoding)
    return Dataset(
        x_train=encode(features.x_train, "train"),
        y_train=features.y_train,
        x_test=encode(features.x_test, "test"),
        y_test=features.y_test,
        name=features.name,
        x_validation=None if features.x_validation is None else encode(features.x_validation, "validation"),
        y_validation=features.y_validation,
        encoding=encoding,
        shifts=shifts,
        source=features,
        classes=count,
    )


def _encoding(features: Features, data: Data, recurrent: bool) -> Encoding:
    """The encoder of the settings: fitted on the training samples, or as a file has it."""
    if data.encoder.path is not None:
        encoding = Encoding.load(data.encoder.path)
        right = encoding.recurrent == recurrent and encoding.window == data.window
        check(right, f"{data.encoder.path}: is the encoder of samples that are cut into steps in another way")
        return encoding
    return fit_encoding(
        data.encoder,
        features.x_train,
        f"{features.name}: x_train",
        window=data.window,
        recurrent=recurrent,
        image=features.image,
        table=data.name in TABLES,
    )


def _read(
    data: Data, classes: int, inputs: int | None, recurrent: bool, folder: Path | None, cache: Path | None
) -> Features:
    """The source's features, of three dimensions only where they are steps already."""
    steps = recurrent and data.window is None
    match data.name:
        case "digits":
            features = digits(data)
        case "mnist":
            features = mnist(folder, cache or cache_folder(os.environ))
        case "fashion_mnist":
            features = fashion_mnist(folder, cache or cache_folder(os.environ))
        case "ucr":
            features = ucr(data, folder)
        case "npz":
            features = npz(data, steps=steps)
        case "csv":
            features = csv_file(data)
        case "sklearn":
            features = sklearn_set(data)
        case "random_prototypes":
            check(classes > 0, "network.classes: random_prototypes are drawn with as many: must be at least 2, not 0")
            check(
                data.encoder.kind == "none",
                f"data.encoder.kind must be none for random_prototypes, which are bits, not {data.encoder.kind}",
            )
            drawn = inputs if inputs and data.window is None else PROTOTYPE_BITS
            features = random_prototypes(data, classes=classes, inputs=drawn)
    check(
        not steps or features.x_train.ndim == 3,
        f"data.window: required for recurrent networks ({features.name} has no steps of its own)",
    )
    return features


def _with_labels(features: Features, classes: int) -> tuple[Features, int]:
    """`features` with labels numbered and checked, and the number of classes.

    There must be samples to train and to test.
    """
    there = {}
    for name in PARTS:
        x, y = getattr(features, f"x_{name}"), getattr(features, f"y_{name}")
        if x is None:
            continue
        check(len(x) > 0, f"{features.name}: x_{name} must hold at least one sample")
        right = y.shape == (len(x),)
        check(right, f"{features.name}: y_{name}: must have shape ({len(x)},), one label a sample, not {y.shape}")
        there[f"{features.name}: y_{name}"] = y
    names = features.class_names
    if names is None:
        numbered = number_labels(there, classes)
        labels, names, count = numbered.parts, numbered.names, numbered.classes
    else:
        count = classes or len(names)
        labels = {source: check_labels(source, y, len(y), count) for source, y in there.items()}
    if count < 2:
        only = names[0] if names else next(iter(labels.values()))[0]
        raise BephwError(f"{features.name}: all samples have the label {only}: there must be at least two classes")
    changes: dict[str, Any] = {f"y_{source.rsplit('_', 1)[1]}": y for source, y in labels.items()}
    return replace(features, **changes, class_names=names), count
