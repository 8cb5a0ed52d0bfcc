"""Whether samples fit a network."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from bephw.errors import check
from bephw.golden.training import Samples
from bephw.settings import Settings
from bephw.words import counted

__all__ = ["check_samples"]


def check_samples(settings: Settings, samples: Samples) -> None:
    """Raise `BephwError` unless there are training samples, and all samples are those of a network of `settings`."""
    _check_part("train", samples.x_train, samples.y_train, settings)
    _check_part("test", samples.x_test, samples.y_test, settings)
    if samples.x_validation is not None:
        check(samples.y_validation is not None, "y_validation: must be given with x_validation")
        _check_part("validation", samples.x_validation, samples.y_validation, settings)
    check(len(samples.x_train) > 0, "data: no training samples")


def _check_part(part: str, x: NDArray[Any], y: Any, settings: Settings) -> None:
    inputs, classes = settings.network.sizes[0], settings.network.classes
    shape = f"(samples, steps, {inputs})" if settings.recurrent else f"(samples, {inputs})"
    right = x.ndim == (3 if settings.recurrent else 2) and x.shape[-1] == inputs and x.shape[1] > 0
    check(right, f"x_{part}: must have shape {shape}, not {x.shape}")
    check(x.dtype.kind in "bu", f"x_{part}: must hold bits as uint8 or bool, not {x.dtype}")
    check(x.max(initial=0) <= 1, f"x_{part}: must be 0 or 1, not {x.max(initial=0)}")
    check(y.shape == (len(x),), f"y_{part}: must have {counted(len(x), 'label')}, one a sample, not shape {y.shape}")
    check(y.dtype.kind in "iu", f"y_{part}: must hold integers, not {y.dtype}")
    for label in (y.min(initial=0), y.max(initial=0)):
        check(0 <= label < classes, f"y_{part}: must be 0 to {classes - 1} (network.classes = {classes}), not {label}")
