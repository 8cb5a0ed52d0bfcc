"""Reinforcement rates, and the papers' probability that is behind them."""

from __future__ import annotations

from bephw.rates import DEFAULT_P_R, rates

__all__ = ["DEFAULT_P_R", "probability", "rates"]


def probability(rate: int, batch: int, shape: tuple[int, int], burst: int = 1) -> float:
    """Inverse of the formula: the chance (at most 1) of one weight to be reinforced in one batch."""
    outputs, inputs = shape
    return min(1.0, rate * burst * batch / (65536 * outputs * inputs))
