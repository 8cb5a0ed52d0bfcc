"""What may not be meant in a data set: lines for the user, none where all is well."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bephw.data.dataset import Dataset
from bephw.settings import Encoder
from bephw.words import counted

__all__ = ["feature_doubts", "label_doubts"]

SHOWN = 5  # Classes of a list that are named.


def label_doubts(dataset: Dataset, classes: int) -> list[str]:
    """Classes that cannot be learnt, or whose learning cannot be seen."""
    trained, tested = (np.bincount(y, minlength=classes) for y in (dataset.y_train, dataset.y_test))
    lines = []
    if np.count_nonzero(trained) == 1:
        name = dataset.class_name(int(trained.argmax()))
        lines.append(
            f"{dataset.name}: all {len(dataset.y_train)} training samples are of class {name}: "
            "there is nothing to tell it from"
        )
    if np.count_nonzero(tested) == 1:
        name = dataset.class_name(int(tested.argmax()))
        lines.append(
            f"{dataset.name}: all {len(dataset.y_test)} held-out samples are of class {name}: "
            "their accuracy says little"
        )
    unseen = np.flatnonzero((trained == 0) & (tested > 0))
    if len(unseen):
        samples = int(tested[unseen].sum())
        lines.append(
            f"{dataset.name}: {_classes(dataset, unseen)} {'has' if len(unseen) == 1 else 'have'} no training sample, "
            f"but {counted(samples, 'held-out sample')}, which can only be right by chance"
        )
    unused = np.flatnonzero((trained == 0) & (tested == 0))
    if len(unused):
        lines.append(
            f"{dataset.name}: network.classes = {classes}, but there is no training sample of "
            f"{_classes(dataset, unused)}"
        )
    return lines


def feature_doubts(dataset: Dataset, encoder: Encoder) -> list[str]:
    """Bits of the encoder that repeat others, as features have too few values."""
    if encoder.kind != "thermometer" or dataset.source is None:
        return []
    features = dataset.source.x_train
    # Where series are cut, all values of a series are one feature; where samples have steps, all steps have it.
    series = dataset.x_train.ndim == 3 and features.ndim == 2
    columns = features.reshape(-1, 1) if series else features.reshape(-1, features.shape[-1])
    most = 0
    for column in columns.T:
        most = max(most, len(np.unique(column)))
        if most > encoder.levels:
            return []
    return [
        f"data.encoder.levels = {encoder.levels}, but no feature of {dataset.name} has more than "
        f"{counted(most, 'value')}: {most - 1 or 'no'} bits a feature can tell them apart, the others repeat these"
    ]


def _classes(dataset: Dataset, labels: NDArray[np.intp]) -> str:
    names = [dataset.class_name(int(label)) for label in labels[:SHOWN]]
    more = len(labels) - len(names)
    listed = ", ".join(names) + (f" and {more} more" if more else "")
    return f"class{'es' * (len(labels) > 1)} {listed}"
