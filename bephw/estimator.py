"""The trainer as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bephw.data import Dataset, Encoding, fit_encoding
from bephw.data.columns import Columns
from bephw.errors import BephwError, check
from bephw.flow.learnt import Learnt
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.golden.rates import rates
from bephw.golden.training import fit
from bephw.settings import Settings
from bephw.state import NetworkState, save_arrays

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise BephwError("BephwClassifier needs scikit-learn: install it with pip install 'bephw[data]'") from error

__all__ = ["BephwClassifier", "winner_group"]

LEARNING = ("algorithm", "epochs", "batch", "bits", "nu", "r", "p_r", "sigma", "average")
WINNERS = 3  # Winner groups of a layer, about: so many rows of it are taught by a sample at most.


class BephwClassifier(ClassifierMixin, BaseEstimator):
    """A network of binary weights that learns as the generated hardware does, bit for bit.

    Features of any scale become bits, by thresholds that `fit` finds for each; `save` gives the network to `bephw
    emit`, `sim` and `build`. Parameters have the names and meanings of the settings (docs/settings.md); None is the
    settings' own default.

    Parameters:
        hidden: outputs of every layer that learns.
        algorithm: "bep", "lbes" or "cp+r" (of one layer).
        epochs, batch, bits, nu, r, p_r, sigma, average: `learning`'s.
        gamma: outputs in a winner group, a number or one a layer; "auto" is the divisor of each layer's outputs that
            comes nearest to a third of them.
        encoder, levels, spacing: `data.encoder`'s kind, levels and spacing.
        random_state: of the initial weights and the order of samples; an integer makes `fit` repeatable.
        settings: a whole `Settings` instead of all these but random_state; its inputs and classes are taken from the
            data.

    Attributes:
        classes_: the labels, in order.
        n_features_in_, feature_names_in_: of X, the names where it has any.
        settings_: of the network that was trained.
        state_: what was learnt (`NetworkState`).
        encoding_: the fitted encoder.
        n_iter_: epochs.
    """

    def __init__(
        self,
        hidden: Sequence[int] = (126, 126),
        *,
        algorithm: Literal["bep", "lbes", "cp+r"] = "bep",
        epochs: int = 50,
        batch: int = 10,
        bits: int = 8,
        gamma: int | Sequence[int] | Literal["auto"] = "auto",
        nu: float | None = 0.1,
        r: float | None = 0.5,
        p_r: float | None = 1.0,
        sigma: float | None = 4.0,
        average: int | None = 10,
        encoder: Literal["thermometer", "median", "threshold", "none"] = "thermometer",
        levels: int = 15,
        spacing: Literal["uniform", "distributive", "gaussian"] = "gaussian",
        random_state: Any = None,
        settings: Settings | None = None,
    ) -> None:
        self.hidden = hidden
        self.algorithm = algorithm
        self.epochs = epochs
        self.batch = batch
        self.bits = bits
        self.gamma = gamma
        self.nu = nu
        self.r = r
        self.p_r = p_r
        self.sigma = sigma
        self.average = average
        self.encoder = encoder
        self.levels = levels
        self.spacing = spacing
        self.random_state = random_state
        self.settings = settings

    # -- learning -------------------------------------------------------------------------------

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn from X (n, features), finite numbers, and y (n,), labels of any kind; what was learnt before is lost.

        Raises `ValueError` for samples that no classifier can learn from, and `BephwError` for illegal settings.
        """
        samples, labels = self._checked(X, y, reset=True)
        numbers = self._start(samples, labels, None)
        bits = self.encoding_.transform(samples, "X")
        result = fit(self.settings_, Dataset(bits, numbers, bits[:0], numbers[:0], "X"))
        self.state_, self._last = result.network, result.state
        self._accuracy = result.history[-1].train_accuracy
        self.n_iter_ = len(result.history)
        return self

    def partial_fit(self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None) -> Self:
        """Learn from more samples, once and in the order in which they come, as the hardware does.

        The first call fits the encoder, and needs all `classes` there will be unless y has them. Predictions then are
        those of the last weights, not of their average. Raises as `fit` does.
        """
        first = not hasattr(self, "state_")
        samples, labels = self._checked(X, y, reset=first)
        if first:
            self._start(samples, labels, None if classes is None else np.asarray(classes))
            self._last, self._accuracy, self.n_iter_ = initial_state(self.settings_), 1 / len(self.classes_), 0
        unknown = np.setdiff1d(labels, self.classes_)
        if unknown.size:
            raise ValueError(f"y: label {unknown[0]!r} is none of the classes of the first call")
        numbers = np.searchsorted(self.classes_, labels).astype(np.int64)
        model = GoldenModel(self.settings_, self._last)
        model.rates = rates(self.settings_, self._accuracy)
        record = model.train(self.encoding_.transform(samples, "X"), numbers)
        model.end_batch()
        self._accuracy = float((record.prediction == numbers).mean())
        self.state_ = self._last = model.state
        self.n_iter_ += 1
        return self

    def _checked(self, X: ArrayLike, y: ArrayLike, *, reset: bool) -> tuple[NDArray[np.float64], NDArray[Any]]:
        samples, labels = validate_data(self, X, y, dtype=np.float64, reset=reset)
        check_classification_targets(labels)
        return samples, labels

    def _start(
        self, samples: NDArray[np.float64], labels: NDArray[Any], classes: NDArray[Any] | None
    ) -> NDArray[np.int64]:
        """Fit all but the network; the labels as numbers."""
        self.classes_ = np.unique(labels if classes is None else classes)
        if len(self.classes_) < 2:
            raise ValueError(f"y: BephwClassifier needs at least 2 classes, and there is one class: {self.classes_[0]}")
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        settings = self._given(seed)
        self.encoding_: Encoding = fit_encoding(settings.data.encoder, samples, "X", table=True)
        self.settings_ = settings.with_data(self.encoding_.bits, len(self.classes_))
        return np.searchsorted(self.classes_, labels).astype(np.int64)

    def _given(self, seed: int) -> Settings:
        """The settings that the parameters make, inputs and classes left open."""
        if self.settings is not None:
            sizes = (0, *self.settings.network.sizes[1:])
            given = self.settings.replace({"network.sizes": sizes, "network.classes": 0, "learning.seed": seed})
            check(not given.recurrent, "settings: BephwClassifier takes networks without steps")
            algorithm = given.learning.algorithm
            check(not given.in_pytorch, f"settings: learning.algorithm must not be {algorithm} for BephwClassifier")
            return given
        hidden = [_plain(size) for size in self.hidden]
        learning = {name: _plain(getattr(self, name)) for name in LEARNING}
        learning["gamma"] = list(map(winner_group, hidden)) if self.gamma == "auto" else _plain(self.gamma)
        return Settings.build(
            network={"sizes": [0, *hidden], "classes": 0},
            learning={**{name: value for name, value in learning.items() if value is not None}, "seed": seed},
            data={
                "name": "npz",
                "encoder": {"kind": self.encoder, "levels": _plain(self.levels), "spacing": self.spacing},
            },
        )

    # -- predicting -----------------------------------------------------------------------------

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Logits (n, classes), whole numbers; of two classes (n,), how much the second's exceeds the first's."""
        check_is_fitted(self)
        samples = validate_data(self, X, dtype=np.float64, reset=False)
        _, logits = GoldenModel(self.settings_, self.state_).predict(self.encoding_.transform(samples, "X"))
        found = logits.astype(np.float64)
        return found if len(self.classes_) > 2 else found[:, 1] - found[:, 0]

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The label (n,) of the largest logit of each sample; of equal ones, the first in `classes_`."""
        scores = self.decision_function(X)
        return self.classes_[np.argmax(scores, axis=1) if scores.ndim == 2 else (scores > 0).astype(np.intp)]

    # -- on to the hardware ---------------------------------------------------------------------

    def to_settings(self) -> Settings:
        """The settings of the trained network, to change and to save."""
        check_is_fitted(self)
        return self.settings_

    def save(self, path: str | Path, X: ArrayLike | None = None, y: ArrayLike | None = None) -> None:
        """Write what was learnt to `path` (.npz), and its settings (.toml) beside it, for `bephw emit` and `build`.

        With X and y, these samples too, as the bits that the network sees, to NAME_samples.npz beside them; the
        settings name it as their data, for `bephw sim`, `plan` and `train`. Raises `BephwError`.
        """
        check_is_fitted(self)
        path, settings = Path(path), self.settings_
        check(path.suffix == ".npz", f"{path}: must end in .npz")
        check((X is None) == (y is None), "save: X and y must be given together")
        if X is not None and y is not None:
            samples, labels = self._checked(X, y, reset=False)
            beside = path.with_name(f"{path.stem}_samples.npz")
            words = labels.astype(str) if labels.dtype.kind == "O" else labels
            save_arrays(beside, {"x": self.encoding_.transform(samples, "X"), "y": words})
            settings = settings.replace({"data": {"name": "npz", "path": str(beside), "encoder": {"kind": "none"}}})
        self._learnt(settings).save(path)

    def _learnt(self, settings: Settings) -> Learnt:
        names = [str(label) for label in self.classes_.tolist()]
        numbered = names == [str(number) for number in range(len(names))]
        features = getattr(self, "feature_names_in_", None)
        columns = Columns.of_numbers(
            [str(number) for number in range(self.n_features_in_)] if features is None else list(features),
            named=features is not None,
            label=str(self.n_features_in_) if features is None else None,
        )
        state: NetworkState = self.state_
        return Learnt(settings, state, self.encoding_, columns, None if numbered else tuple(names))


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays, which searches hand over, as Python's."""
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value


def winner_group(outputs: int) -> int:
    """The divisor of `outputs` whose ratio to a third of them is nearest to 1; of two as near, the smaller."""
    wanted = outputs / WINNERS
    check(isinstance(outputs, int) and outputs > 0, f"hidden: must be whole numbers of at least 1, not {outputs!r}")
    divisors = [size for size in range(1, outputs + 1) if outputs % size == 0]
    return min(divisors, key=lambda size: max(size / wanted, wanted / size))
