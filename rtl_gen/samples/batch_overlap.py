"""Two batches in a layer at a time, each with its own plane of visible weights."""

from amaranth.hdl import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from bephw.rtl_gen.parts.arithmetic import delay, sum_tree
from bephw.rtl_gen.samples.batch_front import BatchFront, first_channels, next_channel

__all__ = ["PAUSED", "BatchOverlap"]

PAUSED = 4  # cycles until `resting` and `settled` know of what was taken before


class BatchOverlap(wiring.Component):
    """Tells the stages of a layer when a batch ends for each of them (numerics.md section 8, lag 1).

    Forward passes and error propagation of batch n read the signs after batch n - 2; its updates write those after
    batch n. So three planes go round (see `LaggingPlane`): `next_forward`, `next_backward` and `next_live` say that a
    stage goes on to its next one. Each does so by itself, between the last sample of a batch and the first of the next:

    - Forward passes, as soon as a sample of the next batch is there. The first of them `copies` what it reads to the
      live plane; for that updates `pause` until it is through, and it waits until they are `resting`. Of the channels
      that are `available`, those `allowed` may begin a pass; `started` and `final` say that one does, and ends.
    - Error propagation, as soon as it has `released` the last sample: `most` samples may pass together, and those of
      the channels `passing` do.
    - Updates, when the last sample's have `ended` and are `settled`, the error propagation is through, and the live
      plane has been `copied` to: meanwhile winners `hold`.

    `entered`: a sample comes into the trainer, `begins` if a batch does with it; not before `next_forward` for the
    batch before. At most `capacity` samples are in the trainer, `slots` in the layer.
    """

    def __init__(self, channels: int, slots: int, capacity: int, *, propagates: bool) -> None:
        self._channels = channels
        self._slots = slots
        self._capacity = capacity
        self._propagates = propagates
        super().__init__(
            {
                "entered": In(1),
                "begins": In(1),
                "available": In(channels),
                "room": In(channels),
                "allowed": Out(channels),
                "started": In(channels),
                "final": In(1),
                "copies": Out(1),
                "pause": Out(1),
                "passing": In(channels),
                "released": In(1),
                "most": Out(range(channels + 1)),
                "ended": In(1),
                "resting": In(1),
                "settled": In(1),
                "copied": In(1),
                "hold": Out(1),
                "next_forward": Out(1),
                "next_backward": Out(1),
                "next_live": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        channels, slots = self._channels, self._slots
        m.submodules.forward = forward = BatchFront(self._capacity, channels)
        m.submodules.winners = winners = BatchFront(slots, 1, channels)
        started = sum_tree(self.started)
        m.d.comb += [
            # The sequencer is far away, and what it decides is late; no sample is there so soon after it has entered.
            forward.entered.eq(delay(m, self.entered, 1)),
            forward.begins.eq(delay(m, self.begins, 1)),
            forward.passing.eq(started),
            forward.passed.eq(1),
            forward.cross.eq(self.next_forward),
            winners.entered.eq(started),
            winners.begins.eq(self.started.any() & self.copies),
            winners.passing.eq(1),
            winners.passed.eq(self.ended),
            winners.cross.eq(self.next_live),
            self.hold.eq(winners.waits),
        ]
        unfinished = self._propagate(m, started, winners.begins)
        self._pass_forward(m, forward, unfinished | winners.pending)
        m.d.comb += self.next_live.eq(
            winners.waits & delay(m, winners.waits, PAUSED) & self.settled & self.copied & ~unfinished
        )
        return m

    def _propagate(self, m, started, begins):
        """Returns whether a sample of the old batch has still to pass the error propagation."""
        if not self._propagates:
            return C(0)
        m.submodules.credit = credit = BatchFront(self._slots, self._channels, self._channels)
        m.d.comb += [
            credit.entered.eq(started),
            credit.begins.eq(begins),
            credit.passing.eq(sum_tree(self.passing)),
            credit.passed.eq(self.released),
            credit.cross.eq(credit.waits),
            self.most.eq(credit.most),
            self.next_backward.eq(credit.waits),
        ]
        return credit.pending

    def _pass_forward(self, m, front, behind):
        """Passes with samples of the old batch, or of the new one; its first, when counters have come to rest."""
        passing, waiting = Signal(), Signal()
        head, chosen, quiet = Signal(self._channels, init=1), Signal(self._channels), Signal()
        coming = self.available & first_channels(head, front.most)
        m.d.comb += [
            self.next_forward.eq(front.waits & ~behind & ~self.copies & ~passing & ~self.started.any()),
            self.allowed.eq(Mux(self.copies, Mux(quiet, chosen, 0), first_channels(head, front.most))),
            self.pause.eq(self.copies & (waiting | passing)),
            quiet.eq(waiting & delay(m, waiting, PAUSED) & self.resting),
        ]
        with m.If(self.started.any()):
            m.d.sync += [head.eq(next_channel(head, self.started)), passing.eq(1), waiting.eq(0)]
        with m.If(self.final):
            m.d.sync += [passing.eq(0), self.copies.eq(0)]
        with m.If(self.next_forward):
            m.d.sync += self.copies.eq(1)
        # Who pauses must be sure to go on: nobody joins a pass later, for whom there might be no room.
        with m.If(self.copies & ~waiting & ~passing & coming.any() & ~(coming & ~self.room).any()):
            m.d.sync += [waiting.eq(1), chosen.eq(coming)]
