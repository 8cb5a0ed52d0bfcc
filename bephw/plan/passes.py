"""When samples arrive at a layer, and when its forward pass takes them (gearbox, input_queue, forward, drain)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from bephw.plan.pipeline import NEVER
from bephw.rtl_gen.forward.activation import Activation
from bephw.rtl_gen.forward.unit import ForwardUnit
from bephw.rtl_gen.samples.gearbox import Gearbox
from bephw.rtl_gen.samples.input_bank import AHEAD
from bephw.shape import LayerShape, ceil_div

__all__ = ["ACTIVATED", "GIVEN_BACK", "ForwardModel", "GearboxModel", "PassTimes", "StreamModel", "past"]

ACTIVATED = Activation.LATENCY
GIVEN_BACK = 2  # cycles from giving a place back to its being seen


def past(length: int) -> deque[int]:
    """The last `length` cycles of something that limits how many samples are under way."""
    return deque([NEVER] * length, maxlen=length)


class GearboxModel:
    """Repacks vectors that come in `beats` into words of `columns` bits."""

    def __init__(self, beats: Sequence[range], columns: int) -> None:
        self._direct = Gearbox.direct(beats, columns)
        self._words = ceil_div(beats[-1].stop, columns)
        self._written = past(2)

    @property
    def room(self) -> int:
        """First cycle in which the next vector may start: one arrives while the words of another leave."""
        return NEVER if self._direct else self._written[0] + GIVEN_BACK

    @property
    def written(self) -> int:
        """The cycle in which the last vector's last word was there."""
        return self._written[-1]

    def arrive(self, last: int) -> int:
        """The last beat of the next vector comes in cycle `last`; the cycle of its last word."""
        complete = last + 1
        if not self._direct and self._words > 1:
            complete = max(complete, self.written) + self._words
        self._written.append(complete)
        return complete


class StreamModel:
    """Samples, or steps of them, of so many `words`, as the sequencer lets them in: it knows of room a cycle late, and
    not in the cycle after a first word."""

    def __init__(self, words: int) -> None:
        self._words = words
        self._started = NEVER

    def admit(self, free: int, room: int) -> int:
        """The cycle of the next one's last word, which comes from cycle `free` on; from `room` on there is room."""
        self._started = max(free, room + 1, self._started + 2)
        return self._started + self._words - 1


class PassTimes:
    """How long a forward pass takes.

    Attributes:
        interval: cycles from its start to that of the next one, at least.
        steps: cycles in which the array is busy.
    """

    def __init__(self, shape: LayerShape, wires: int = 0, *, gathers: bool = False) -> None:
        self.interval = max(shape.forward_cycles, 1 + gathers)
        self.steps = shape.forward_cycles
        # From the start to the last step, and on to the last beat.
        self._ends = shape.forward_cycles - 1
        self._drained = ForwardUnit.drained(shape, wires=wires)

    def ends(self, start: int) -> int:
        """The cycle of its last step."""
        return start + self._ends

    def drained(self, start: int) -> int:
        """The cycle in which its last z is there."""
        return start + self._ends + self._drained


class ForwardModel:
    """The input queue and the forward pass of a layer or of a classifier.

    `beats`: as the inputs arrive; `wires`: registers between memories and lanes; `gathers`: a pass is decided on a
    cycle before. Other limits on samples in flight are the caller's.
    """

    def __init__(self, shape: LayerShape, beats: Sequence[range], wires: int = 0, *, gathers: bool = False) -> None:
        self._gearbox = GearboxModel(beats, shape.columns)
        self._times = PassTimes(shape, wires, gathers=gathers)
        self._decides = int(gathers)
        self.steps = self._times.steps
        self._passed = past(AHEAD)
        self._next = NEVER

    @property
    def room(self) -> int:
        """First cycle in which the next sample may start towards this layer."""
        return max(self._passed[0] + GIVEN_BACK, self._gearbox.room)

    def arrive(self, last: int) -> None:
        """The last beat of the next sample comes in cycle `last`."""
        self._gearbox.arrive(last)

    def start(self, allowed: int) -> int:
        """The first cycle of the next pass, which is `allowed` from that cycle on."""
        start = max(self._gearbox.written + 1 + self._decides, self._next, allowed + self._decides)
        self._next = start + self._times.interval
        self._passed.append(self._times.ends(start))
        return start

    def ends(self, start: int) -> int:
        """The cycle of a pass's last step."""
        return self._times.ends(start)

    def drained(self, start: int) -> int:
        """The cycle in which the last z of a pass is there."""
        return self._times.drained(start)
