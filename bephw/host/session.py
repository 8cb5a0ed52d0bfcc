"""Both streams of a link, kept whole: no ports and no clock, only bytes and times that are handed in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from bephw.boards.link.protocol import FCS_BYTES, POSITIONS, REPLY_POSITIONS
from bephw.boards.link.sizes import LEAST_SIZES, LinkSizes
from bephw.host.commands import Command, repeat_replies
from bephw.host.errors import LinkError
from bephw.host.frames import FrameReader, Report, read_report, to_board
from bephw.host.patience import LONGEST_PAYLOAD, Patience

__all__ = ["LONGEST_PAYLOAD", "Session"]

_NOTHING = b"\0"  # NOP: a frame that restarts must move the position


class Session:
    """The host's end of a link, by the rules of docs/link.md: go-back-N in both directions.

    `receive` what came, then write what `transmit` returns; both again whenever something comes, and `patience` later
    at the latest. Until `opened`, commands wait.

    Args:
        patience, most_patience: seconds without progress until something is sent again, at least and at most; between
            them as the round trips say (`Patience`).
        silence: seconds without a frame from the board that is right, until `LinkError`.
        stall: seconds in which it answers, but carries nothing out of what it was asked, until `LinkError`.

    Attributes:
        opened: whether the board has begun anew for this session.
        replies: bytes of replies that have come, in order; whoever takes them removes them.
        resent, repeated: how often commands were sent again, and replies asked for again.
        overflow: whether the board ever dropped a frame for lack of room.
    """

    def __init__(
        self, *, patience: float = 0.06, most_patience: float = 1.0, silence: float = 8.0, stall: float = 10.0
    ) -> None:
        # Who waits for longer than that before asking would take a board that is only late for one that is gone.
        self._patience = Patience(patience, max(patience, min(most_patience, silence / 4)))
        self._silence = silence
        self._stall = stall
        self._sizes = LEAST_SIZES
        self._reader = FrameReader()
        self._waiting: deque[Command] = deque()
        self._sent = bytearray()  # commands from `_accepted` on that have been sent
        self._begun = bytearray()  # what has not been sent of the last command that has begun to be
        self._accepted = self._consumed = 0  # of the board, as counts of bytes since position 0
        self._next = 0  # what is sent next; less than all where it is sent again
        self._ahead: int | None = LONGEST_PAYLOAD  # bytes that may be under way, until the line's speed is known
        self._probe: int | None = None  # position behind a frame that was sent again, alone
        self._doubtful = False  # whether that one has arrived, but nothing behind it yet
        self._promised = self._received = 0  # bytes of replies
        self._restarting = self._urgent = False
        self._heard: float | None = None
        self._moved: float | None = None  # when something was sent or got on last
        self._progress: float | None = None  # when something got on last, at the board
        self._asked: float | None = None  # when replies were asked for again
        self._shut: float | None = None  # when the board first said that it is not open
        self._gap = False
        self.opened = self.overflow = False
        self.replies = bytearray()
        self.resent = self.repeated = 0

    @property
    def damaged(self) -> int:
        """Frames from the board that were wrong."""
        return self._reader.damaged

    @property
    def pending(self) -> bool:
        """Whether commands wait, are on their way or to be carried out, or replies are to come."""
        unsent = bool(self._waiting or self._begun)
        return not self.opened or unsent or self._consumed < self._end or self._promised > self._received

    @property
    def queued(self) -> int:
        """Commands that wait to be sent."""
        return len(self._waiting)

    @property
    def _end(self) -> int:
        """Position behind all that has been sent."""
        return self._accepted + len(self._sent)

    def use(self, sizes: LinkSizes) -> None:
        """Of the board, now that they are known."""
        self._sizes = sizes

    def submit(self, commands: Iterable[Command]) -> None:
        """Commands to carry out after all before them."""
        if not self.pending:
            self._heard = self._progress = None  # nothing was to be heard
        self._waiting.extend(commands)

    # -- what comes -----------------------------------------------------------------------------

    def receive(self, received: bytes, now: float) -> None:
        """Bytes from the line. Raises `LinkError` where the board was reset."""
        damaged = self.damaged
        for body in self._reader.feed(received):
            report = read_report(body)
            if report is not None:
                self._heed(report, now)
        if self.damaged > damaged:
            self._patience.damaged()

    def _heed(self, report: Report, now: float) -> None:
        self._patience.heard()
        if not self.opened:
            self._heard = now
            self._open(report)
            return
        if not report.opened:
            self._doubt(now)
            return
        accepted = (report.accepted - self._accepted) % POSITIONS
        if accepted > len(self._sent):
            return  # older than what is known, or of another session: nothing of it counts
        self._heard, self._shut = now, None
        self.overflow |= report.overflow
        if accepted:
            del self._sent[:accepted]
            self._accepted += accepted
            self._next = max(self._next, self._accepted)
            self._moved = self._progress = now
            self._patience.accepted(self._accepted, now)
            self._get_on(accepted)
        consumed = (report.consumed - self._consumed) % (2 * self._sizes.window)
        if 0 < consumed <= self._accepted - self._consumed:
            self._consumed += consumed
            self._moved = self._progress = now
        self._take(report, now)

    def _doubt(self, now: float) -> None:
        """A frame says that the board is not open: it may be an old one, but not if no other comes."""
        if self._shut is None:
            self._shut = now
        elif now - self._shut >= self._patience.seconds:
            raise LinkError("the board was reset while it was in use: connect again, and load the state that was saved")

    def _open(self, report: Report) -> None:
        """A RESTART was accepted when the position behind it is, and is done when the board says that it is open."""
        behind = self._restarting and report.accepted == (self._accepted + 1) % POSITIONS
        if behind and report.opened:
            self._accepted += 1
            self._consumed = self._next = self._accepted
            self.opened = True
        elif not behind and not (self._restarting and report.accepted == self._accepted % POSITIONS):
            self._accepted, self._restarting, self._urgent = report.accepted, True, True

    def _take(self, report: Report, now: float) -> None:
        """Replies at the position that is due; those before it are known."""
        ahead = (report.position - self._received) % REPLY_POSITIONS
        if ahead == 0:
            fresh, self._gap = report.replies, False
        elif (known := REPLY_POSITIONS - ahead) <= self._sizes.replies + len(report.replies):
            fresh = report.replies[known:]
        else:
            self._gap = True
            return
        if fresh:
            self.replies += fresh
            self._received += len(fresh)
            self._moved = self._progress = now

    # -- what goes ------------------------------------------------------------------------------

    def transmit(self, now: float) -> bytes:
        """Bytes for the line. Raises `LinkError` where the board has been silent, or stuck, for too long."""
        self._check_life(now)
        wait = self._patience.seconds / (2 if self._doubtful else 1)
        late = self._moved is None or now - self._moved >= wait
        if not self.opened:
            return self._knock(now) if late or self._urgent else b""
        if self._gap and (self._asked is None or now - self._asked >= self._patience.seconds):
            self._asked, self._gap = now, False
            self.repeated += 1
            self._waiting.appendleft(repeat_replies(self._received))
        going = self._again() if late and self._next > self._accepted else bytearray()
        known = self._end
        while self._probe is None and not self._doubtful and (payload := self._following()):
            going += to_board(self._next, payload)
            self._next += len(payload)
            if self._next > known:
                self._patience.sent(self._next, len(payload), now)
        if late and self.pending and not going:
            going += to_board(self._next, b"")  # ask how things are
            self._patience.in_vain()
        if going:
            self._moved = now
        return bytes(going)

    def _check_life(self, now: float) -> None:
        if self._heard is None or not self.pending:
            self._heard = now
        if self._progress is None or not self.pending or not self.opened:
            self._progress = now
        if now - self._heard > self._silence:
            raise LinkError(
                f"the board has not answered for {self._silence:g} s: is it programmed, and is this its port?"
            )
        if now - self._progress > self._stall:
            raise LinkError(
                f"the board answers, but has done nothing of what it was asked for {self._stall:g} s: "
                "connect again, which resets it, and load the state that was saved"
            )

    def _knock(self, now: float) -> bytes:
        """Ask where the board is; then have it begin anew from there."""
        if self._moved is not None and not self._urgent:
            self._patience.in_vain()
        self._moved, self._urgent = now, False
        if not self._restarting:
            return to_board(0, b"")
        return to_board(self._accepted, _NOTHING, restart=True) + to_board(0, b"")

    def _following(self) -> bytes:
        """The payload of the next frame: what is to be sent again, else new commands, as far as there is room."""
        again = self._next - self._accepted
        if again < len(self._sent):
            return bytes(self._sent[again : again + self._patience.payload])
        if self._better_later():
            return b""
        payload = bytearray()
        while (self._begun or self._begin()) and (room := self._room(len(payload))) > 0:
            payload += self._begun[:room]
            del self._begun[:room]
        self._sent += payload
        return bytes(payload)

    def _better_later(self) -> bool:
        """Whether a frame would be short for lack of room, and there will be more: what is under way is answered, each
        frame with as much room as it took. (Else short frames would make room for short frames, for ever.)"""
        if not self._sent:
            return False
        room, long = self._room(0), min(self._patience.payload, self._sizes.window // 4)
        if room < long and (self._waiting or len(self._begun) > room):
            return True
        # Replies come in frames of 64 bytes, and the board keeps twice as many at least.
        outstanding = self._promised - self._received
        full = outstanding > self._sizes.replies // 2
        return full and bool(self._waiting) and self._waiting[0].replies > 0

    def _begin(self) -> bool:
        """Take the next command, if the board has room for its replies."""
        if not self._waiting or self._promised + self._waiting[0].replies - self._received > self._sizes.replies:
            return False
        command = self._waiting.popleft()
        self._begun += command.code
        self._promised += command.replies
        return True

    def _room(self, length: int) -> int:
        """Bytes that still go into a frame which has so many: the window holds them and their check sequence."""
        free = self._sizes.window - FCS_BYTES - (self._end + length - self._consumed)
        if self._ahead is not None:
            free = min(free, self._ahead - len(self._sent) - length)
        return min(self._patience.payload - length, free)

    # -- what is late, or lost --------------------------------------------------------------------

    def _again(self) -> bytearray:
        """Nothing has got on for long: what is under way is late, or lost.

        On a slow line all of it may still arrive, and everything would then be behind what is sent a second time. So
        first a frame goes again alone. If more than that arrives, nothing was lost; if only that does, the rest was.
        """
        self.resent += 1
        self._patience.in_vain()
        if self._doubtful:
            self._doubtful, self._next = False, self._accepted
            return bytearray()
        payload = bytes(self._sent[: self._patience.payload])
        self._probe = self._accepted + len(payload)
        return bytearray(to_board(self._accepted, payload))

    def _get_on(self, accepted: int) -> None:
        """So many bytes more have arrived."""
        self._doubtful = self._accepted == self._probe and self._end > self._accepted
        if self._probe is not None and self._accepted >= self._probe:
            self._probe = None
        if self._ahead is not None:
            self._ahead += accepted  # twice as many may be under way
            if self._ahead >= self._sizes.window:
                self._ahead = None
