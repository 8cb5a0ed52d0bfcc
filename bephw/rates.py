"""Reinforcement rates from the papers' probability (numerics.md section "Reinforcement"): what software gives to a
trainer, golden or in hardware, before an epoch."""

from __future__ import annotations

import math

from bephw.errors import check
from bephw.limits import LARGEST_RATE
from bephw.settings import Settings

__all__ = ["DEFAULT_P_R", "first_rates", "rates"]

DEFAULT_P_R = 0.5
"""The papers' p_r, for settings that give neither `p_r` nor `rates`."""


def rates(settings: Settings, accuracy: float) -> tuple[int, ...]:
    """Rate of every layer, in events of 2^-16 a sample, below 2^32.

    `settings.learning.rates` where given; else floor(65536 * p_r * sqrt(1 - accuracy) * sqrt(2 / (pi * K_in)) *
    K_out * K_in / N), with `accuracy` (0 to 1) on the training samples of the epoch before. Derived rates are divided
    by `learning.burst`, the counters that an event steps; and where updates are sparse by `learning.update_stride`.
    """
    check(0 <= accuracy <= 1, f"accuracy: must be 0 to 1, not {accuracy}")
    if settings.fixed_rates is not None:
        return settings.fixed_rates
    learning = settings.learning
    p_r = learning.p_r if learning.p_r is not None else DEFAULT_P_R
    error = math.sqrt(1 - accuracy)
    exact = (
        65536 * p_r * error * math.sqrt(2 / (math.pi * inputs)) * outputs * inputs / learning.batch
        for outputs, inputs in settings.matrices
    )
    fewer = learning.burst * learning.update_stride
    return tuple(math.floor(min(rate / fewer, LARGEST_RATE)) for rate in exact)


def first_rates(settings: Settings) -> tuple[int, ...]:
    """`rates` of the first epoch, before which every class is as likely: with these a trainer begins."""
    return rates(settings, 1 / settings.network.classes)
