"""Samples on their way from one part to the next, without back-pressure inside a sample."""

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["SampleFlowSignature"]


class SampleFlowSignature(wiring.Signature):
    """Beats of samples, seen from the producer.

    Where `room` is high the producer may start a sample, which it says by `start` for a cycle; from then on the
    consumer takes every beat of it, in the cycle in which `valid` is high. So a pipeline behind the start never has to
    stop, and nothing as wide as an array of lanes hangs on a ready signal. `room` may fall in the cycle after `start`,
    and only then.
    """

    def __init__(self, payload) -> None:
        super().__init__({"room": In(1), "start": Out(1), "valid": Out(1), "payload": Out(payload)})
