"""The board's end of docs/link.md in plain Python, and a trainer of a few lines behind it."""

import zlib
from collections import deque

FLAG, ESCAPE = 0x7E, 0x7D


def line_frame(body):
    """A body as it is on the line."""
    whole = body + zlib.crc32(body).to_bytes(4, "little")
    line = bytearray([FLAG])
    for byte in whole:
        line += bytes([ESCAPE, byte ^ 0x20]) if byte in (FLAG, ESCAPE) else bytes([byte])
    return bytes(line + bytes([FLAG]))


def frames_of(line):
    """Of whole bytes of a line: the content of each frame, check sequence included, and whether it is right."""
    found, content, escaped = [], bytearray(), False
    for byte in line:
        if byte == FLAG:
            if content:
                good = zlib.crc32(content[:-4]).to_bytes(4, "little") == content[-4:] and not escaped
                found.append((bytes(content), good))
            content, escaped = bytearray(), False
        elif byte == ESCAPE:
            escaped = True
        else:
            content.append(byte ^ (0x20 if escaped else 0))
            escaped = False
    return found


class ModelBoard:
    """Takes bytes of the line, and gives such; carries out commands when `work` is called.

    The trainer has registers without meaning, predicts the sum of a sample's bytes modulo 128, and keeps state in a
    list: it is read back in the order in which it was loaded.
    """

    def __init__(self, identity, window=512, replies=512, sample_words=1, element=1):
        self.window, self.kept, self.sample_words, self.element = window, replies, sample_words, element
        self.identity = identity
        self.accepted = self.consumed = 0
        self.frames = 0
        self.restarts = 0
        self._line = bytearray()
        self.power_up()

    def power_up(self):
        """A reset that is no RESTART."""
        self.opened = self.overflow = False
        self.registers, self.state, self.sample, self.samples = {}, deque(), [], []
        self.address = self.label = 0
        self.stream = bytearray()
        self.replies, self.position = bytearray(), 0
        self.due = True

    def feed(self, line):
        *whole, last = (bytes(self._line) + line).split(bytes([FLAG]))
        self._line = bytearray(last)
        for part in whole:
            for content, good in frames_of(part + bytes([FLAG])):
                self._frame(content, good)

    def _frame(self, content, good):
        self.frames += 1
        self.due = True
        if not good or len(content) < 6:
            return
        position, commands = int.from_bytes(content[:2], "big"), content[2:-4]
        if position % 2**15 != self.accepted % 2**15:
            return
        if self.accepted - self.consumed + len(commands) + 4 > self.window:
            self.overflow = True
        elif position >> 15:
            self.restarts += 1
            self.accepted += len(commands)
            self.consumed = self.accepted
            self.power_up()
            self.opened = True
        elif self.opened:
            self.accepted += len(commands)
            self.stream += commands

    def report(self):
        """A frame for the host, if there is one to send."""
        if not self.due and self.position == len(self.replies):
            return b""
        self.due = False
        block = self.replies[self.position : (self.position // 64 + 1) * 64]
        flags = self.opened << 15 | self.overflow << 14
        numbers = (self.accepted % 2**15, self.consumed % (2 * self.window) | flags, self.position % 2**12)
        self.position += len(block)
        return line_frame(b"".join(number.to_bytes(2, "big") for number in numbers) + block)

    def work(self, most=10**9):
        """Carry out so many commands, if they are here as a whole."""
        for _ in range(most):
            size = self._command_bytes()
            if size is None or size > len(self.stream):
                return
            command = bytes(self.stream[:size])
            del self.stream[:size]
            self.consumed += size
            self._carry_out(command[0] & 7, (command[0] >> 3) + 1, command[1:])

    def _command_bytes(self):
        if not self.stream:
            return None
        kind, units = self.stream[0] & 7, (self.stream[0] >> 3) + 1
        return 1 + {1: 2, 2: 4, 4: units, 5: units * self.element}.get(kind, 0)

    def _carry_out(self, kind, units, operand):
        number = int.from_bytes(operand, "little")
        if kind == 1 and units == 1:
            self.address = number
        elif kind == 1 and units == 2:
            self.label = number
        elif kind == 1 and units == 3:
            back = (len(self.replies) - number) % 2**12
            self.position = len(self.replies) - back
        elif kind == 2:
            self.registers[self.address] = number
        elif kind == 3:
            self._reply(self.registers.get(self.address, 0).to_bytes(4, "little"))
        elif kind == 4:
            self.sample += operand
            if len(self.sample) >= self.sample_words:
                self.samples.append((tuple(self.sample), self.label))
                self.replies.append(sum(self.sample) % 128 << 1 | 1)
                self.sample = []
        elif kind == 5:
            self.state += operand
        elif kind == 6:
            self._reply(bytes(self.state.popleft() for _ in range(units * self.element)))
        elif kind == 7:
            self._reply(self.identity[32 * self.address :][:32].ljust(32, b"\0"))

    def _reply(self, content):
        self.replies += b"\0" + content
