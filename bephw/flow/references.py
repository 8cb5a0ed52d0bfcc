"""What other learners reach on the same split, so that an accuracy has something to stand beside."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bephw.data import Dataset
from bephw.errors import BephwError
from bephw.settings import Settings

__all__ = ["references"]

ITERATIONS = 300
LINEAR, PYTORCH = "logistic regression", "PyTorch, straight-through estimator"


def references(
    settings: Settings,
    dataset: Dataset,
    *,
    epochs: int | None = None,
    on_start: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Train and test each learner that is installed, on the training and held-out samples of `dataset`.

    Figures: `references`, each with `name`, `sees` (what its inputs are), `test_accuracy` (0 to 1), `seconds`, for
    logistic regression also `converged`, for PyTorch also `epochs` (`epoch`, `test_accuracy`); and
    `references_absent`, a line for each learner that is missing, with the reason.

    epochs: of PyTorch, as many as the network beside it had; `learning.epochs` where None.
    on_start: called with the name of every learner before it starts.
    """
    say = on_start or (lambda name: None)
    found: list[dict[str, Any]] = []
    absent: list[str] = []
    if not len(dataset.y_test):
        return {"references": [], "references_absent": ["no held-out samples to compare on"]}
    _linear(settings, dataset, say, found, absent)
    if not settings.in_pytorch:
        _pytorch(settings, dataset, epochs, say, found, absent)
    return {"references": found, "references_absent": absent}


def _linear(
    settings: Settings, dataset: Dataset, say: Callable[[str], None], found: list[dict[str, Any]], absent: list[str]
) -> None:
    if find_spec("sklearn") is None:
        absent.append(f"{LINEAR}: scikit-learn is not installed (pip install 'bephw[data]')")
        return
    if len(np.unique(dataset.y_train)) < 2:
        absent.append(f"{LINEAR}: training samples of two classes are needed")
        return
    source = dataset.source
    if source is not None and settings.data.encoder.kind != "none":
        features = source.x_train[0].size
        say(f"{LINEAR}, features")
        found.append(_fit_linear(source.x_train, source.x_test, dataset, f"{_count(features, 'feature')}, not encoded"))
    say(f"{LINEAR}, bits")
    bits = dataset.x_train[0].size
    found.append(_fit_linear(dataset.x_train, dataset.x_test, dataset, f"the same {_count(bits, 'bit')}"))


def _fit_linear(x_train: NDArray[Any], x_test: NDArray[Any], dataset: Dataset, sees: str) -> dict[str, Any]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    start = time.perf_counter()
    linear = LogisticRegression(max_iter=ITERATIONS)
    model = make_pipeline(StandardScaler(), linear)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # It is in the figures.
        model.fit(_flat(x_train), dataset.y_train)
    return {
        "name": LINEAR,
        "sees": sees,
        "test_accuracy": float((model.predict(_flat(x_test)) == dataset.y_test).mean()),
        "seconds": time.perf_counter() - start,
        "converged": bool(np.max(linear.n_iter_) < ITERATIONS),
    }


def _flat(x: NDArray[Any]) -> NDArray[np.float32]:
    return x.reshape(len(x), -1).astype(np.float32)


def _pytorch(
    settings: Settings,
    dataset: Dataset,
    epochs: int | None,
    say: Callable[[str], None],
    found: list[dict[str, Any]],
    absent: list[str],
) -> None:
    if find_spec("torch") is None:
        absent.append(f"{PYTORCH}: not installed (pip install 'bephw[baselines]')")
        return
    from bephw.baselines import ste

    say(PYTORCH)
    start = time.perf_counter()
    try:
        # Margins of the local rule have one entry a layer, the baseline's none; averages are not the baseline's.
        changes = {"learning.algorithm": "ste", "learning.R": None, "learning.average": None}
        result = ste.fit(settings.replace(changes), dataset, epochs=epochs)
    except BephwError as error:
        absent.append(f"{PYTORCH}: {error}")
        return
    history = [asdict(epoch) for epoch in result.history]
    found.append(
        {
            "name": PYTORCH,
            "sees": f"the same {_count(dataset.x_train[0].size, 'bit')}",
            "test_accuracy": history[-1]["test_accuracy"],
            "seconds": time.perf_counter() - start,
            "epochs": [{key: epoch[key] for key in ("epoch", "test_accuracy")} for epoch in history],
        }
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("s" if number != 1 else "")
