"""What a trained network does with held-out samples: which classes it takes for which, and samples to look at."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.data import Dataset
from bephw.golden.classifier import classifier
from bephw.settings import Settings
from bephw.states import AnyState

__all__ = ["showcase"]

WHOLE = 100  # classes up to which all counts are kept; beyond, those of the most frequent mistakes
MISTAKES = 50
VALUES = 24_000  # feature values in all samples together: some 150 kB of JSON
FEWEST, MOST = 4, 48
# Of one sample: pixels of an image, steps of a series, features of a step, features of a row of a table.
PIXELS, STEPS, CHANNELS, FEATURES = 4_096, 1_000, 12, 60


def showcase(settings: Settings, dataset: Dataset, network: AnyState) -> dict[str, Any]:
    """Figures `confusion` and `examples` of `network` (of `settings`) on the held-out samples; nothing without any.

    `confusion`: `classes` (name, held-out `samples` of it, how many of them `right`), `counts` (rows true, columns
    predicted; None for over 100 classes) and `confused`, the most frequent mistakes (`true predicted count`).

    `examples`: `kind` ("image", "series", "bits" or "features"), `shape` of a sample's values, `features` before what
    is too large was thinned out, `names` of those of a table, `low` and `high` (of all training samples), and
    `samples`: number among the held-out ones, `label`, `prediction`, `lead` (of the highest logit over the label's for
    wrong ones, over the second for right ones) and `values`. Wrong ones come first. Equal arguments give equal figures.
    """
    if not len(dataset.y_test):
        return {}
    prediction, logits = classifier(settings, network).predict(dataset.x_test)
    names = [dataset.class_name(label) for label in range(settings.network.classes)]
    return {
        "confusion": _confusion(names, dataset.y_test, prediction),
        "examples": _examples(settings, dataset, prediction, logits),
    }


def _confusion(names: list[str], label: NDArray[np.int64], prediction: NDArray[np.int64]) -> dict[str, Any]:
    classes = len(names)
    right, there = label[label == prediction], np.bincount(label, minlength=classes)
    rights = np.bincount(right, minlength=classes)
    pairs, counts = np.unique(np.stack([label, prediction])[:, label != prediction], axis=1, return_counts=True)
    order = np.lexsort((*pairs[::-1], -counts))[:MISTAKES]
    whole = None
    if classes <= WHOLE:
        whole = np.zeros((classes, classes), np.int64)
        np.add.at(whole, (label, prediction), 1)
    return {
        "classes": [
            {"name": name, "samples": int(there[index]), "right": int(rights[index])}
            for index, name in enumerate(names)
            if classes <= WHOLE or there[index]
        ],
        "counts": None if whole is None else whole.tolist(),
        "confused": [
            {"true": names[pairs[0, at]], "predicted": names[pairs[1, at]], "count": int(counts[at])} for at in order
        ],
    }


def _examples(
    settings: Settings, dataset: Dataset, prediction: NDArray[np.int64], logits: NDArray[np.int32]
) -> dict[str, Any]:
    source = dataset.source
    x = dataset.x_test if source is None else source.x_test
    known = dataset.x_train if source is None else source.x_train
    kind, x = _kind(settings, dataset), x if source is None or source.image is None else _images(x, source.image)
    values = _thinned(x[:1], kind)
    number = int(np.clip(VALUES // max(1, values.size), FEWEST, MOST))
    chosen = _chosen(dataset.y_test, prediction, logits, number)
    classes = settings.network.classes
    return {
        "kind": kind,
        **_names(dataset, kind),
        "shape": list(values.shape[1:]),
        "features": int(np.prod(x.shape[1:])),
        "low": _rounded(known.min()),
        "high": _rounded(known.max()),
        "right": int((prediction == dataset.y_test).sum()),
        "wrong": int((prediction != dataset.y_test).sum()),
        "samples": [
            {
                "number": int(at),
                "label": dataset.class_name(int(dataset.y_test[at])),
                "prediction": dataset.class_name(int(prediction[at])),
                "lead": int(_lead(logits[at : at + 1], dataset.y_test[at : at + 1])[0]) if classes > 1 else 0,
                "values": [_rounded(value) for value in _thinned(x[at : at + 1], kind).ravel()],
            }
            for at in chosen
        ],
    }


def _kind(settings: Settings, dataset: Dataset) -> str:
    source = dataset.source
    if source is not None and source.image is not None:
        return "image"
    if settings.data.name == "ucr" or settings.recurrent:
        return "series"
    return "bits" if source is None or settings.data.encoder.kind == "none" else "features"


def _names(dataset: Dataset, kind: str) -> dict[str, Any]:
    """What the values of a row are called, where its table says."""
    columns = dataset.source.columns if dataset.source else None
    return {"names": list(columns.features[:FEATURES])} if columns and columns.named and kind == "features" else {}


def _images(x: NDArray[Any], image: tuple[int, int]) -> NDArray[Any]:
    return x.reshape(len(x), *image) if x[0].size == image[0] * image[1] else x


def _thinned(x: NDArray[Any], kind: str) -> NDArray[Any]:
    """Samples `x` with no more values each than a report can show: every n-th of an image or series, else the first."""
    if kind in ("image", "bits"):
        if x.ndim == 3:
            stride = int(np.ceil(np.sqrt(x[0].size / PIXELS)))
            return x[:, ::stride, ::stride]
        return x.reshape(len(x), -1)[:, :PIXELS]
    if kind == "series":
        thinned = x[:, :: -(-x.shape[1] // STEPS)]
        return thinned[:, :, :CHANNELS] if thinned.ndim == 3 else thinned
    return x.reshape(len(x), -1)[:, :FEATURES]


def _chosen(
    label: NDArray[np.int64], prediction: NDArray[np.int64], logits: NDArray[np.int32], number: int
) -> list[int]:
    """Wrong samples first, at most two thirds: of every kind of mistake the surest, frequent kinds first; then right
    ones, of every class the surest in turn."""
    lead = _lead(logits, label)
    wrong, right = (_in_turn(rows, label, prediction, lead) for rows in (label != prediction, label == prediction))
    first = list(islice(wrong, number * 2 // 3))
    return first + list(islice(right, number - max(len(first), number // 2)))


def _in_turn(
    rows: NDArray[np.bool_], label: NDArray[np.int64], prediction: NDArray[np.int64], lead: NDArray[np.int32]
) -> Iterable[int]:
    """Numbers of the samples `rows`: the first of every (label, prediction), then the second of each, and so on."""
    groups: dict[tuple[int, int], list[int]] = {}
    for at in np.flatnonzero(rows):
        groups.setdefault((int(label[at]), int(prediction[at])), []).append(int(at))
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    if all(true == predicted for true, predicted in groups):
        ordered.sort(key=lambda item: item[0])
    turns = [
        (turn, place, at)
        for place, (_, members) in enumerate(ordered)
        for turn, at in enumerate(sorted(members, key=lambda at: (-int(lead[at]), at)))
    ]
    return (at for _, _, at in sorted(turns))


def _lead(logits: NDArray[np.int32], label: NDArray[np.int64]) -> NDArray[np.int32]:
    """Highest logit minus the label's where another class has it, else minus the second highest; (n,)."""
    rows = np.arange(len(logits))
    of_label, others = logits[rows, label], logits.copy()
    others[rows, label] = np.iinfo(np.int32).min
    best_other = others.max(axis=1)
    return np.abs(of_label - best_other)


def _rounded(value: Any) -> float | int:
    """A plain number of four digits, whole where it is whole."""
    number = float(f"{float(value):.4g}")
    return int(number) if number == int(number) else number
