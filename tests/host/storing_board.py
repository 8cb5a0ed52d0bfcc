"""A board that learns and keeps samples, without hardware: docs/store.md in plain Python, behind the link of
`LearningBoard`."""

import zlib

import numpy as np

from bephw.boards.link.identity import identity_block
from bephw.boards.link.sizes import LEAST_SIZES
from bephw.boards.store.layout import record_layout
from bephw.boards.store.registers import StoreCommand, store_registers
from tests.boards.store.conftest import record
from tests.host.learning_board import LearningBoard

WORD = 16


class StoringBoard(LearningBoard):
    """With room for so many samples. A `faulty` memory forgets a bit of what it has."""

    def __init__(self, settings, room, faulty=False):
        self.layout, self.faulty = record_layout(settings, WORD), faulty
        self.memory, self.loads, self.runs = [], 0, []
        super().__init__(settings)
        depth = room * self.layout.words
        self.identity = identity_block(settings, LEAST_SIZES, ["bram", WORD, depth])
        self.names |= {register.address: name for name, register in store_registers(depth, settings).items()}

    def power_up(self):
        super().power_up()
        self.loading, self.store = 0, {"store_sent": self.layout.stream_words}

    def _write(self, name, value):
        if name == "store_command":
            count = self.store["store_size"] // self.layout.words
            if value == StoreCommand.LOAD:
                self.memory, self.loading = [], count
                self.loads += 1
            elif value == StoreCommand.CHECK:
                self.store["store_checksum"] = self._checksum(count)
            elif value == StoreCommand.RUN:
                self._run()
        elif name.startswith("store_"):
            self.store[name] = value
        else:
            super()._write(name, value)

    def _read(self, name):
        return self.store.get(name, 0) if name.startswith("store_") else super()._read(name)

    def _checksum(self, count):
        kept = [*self.memory, *[(0, [0] * self.layout.stream_words)] * count][:count]
        words = [word for label, sample in kept for word in record(self.layout, label, sample)]
        return zlib.crc32(b"".join(word.to_bytes(WORD // 8, "little") for word in words)) ^ self.faulty

    def _learn(self):
        if not self.loading:
            super()._learn()
            return
        size = self.word
        words = [int.from_bytes(self.sample[at : at + size], "little") for at in range(0, len(self.sample), size)]
        if len(words) == self.layout.stream_words and len(self.sample) % size == 0:
            self.memory.append((self.label, words))
            self.sample, self.loading = [], self.loading - 1

    def _run(self):
        first, stride, end, size = (self.store[f"store_{name}"] for name in ("first", "stride", "end", "size"))
        address, visited, right = first, [], 0
        while not visited or address != end:
            visited.append(address // self.layout.words)
            label, words = self.memory[visited[-1]]
            bits = [[word >> at & 1 for at in range(self.layout.stream_width)] for word in words]
            sent = np.array(bits[: self.store["store_sent"]], np.uint8)
            x = sent.reshape(self.steps, -1)[:, : self.settings.network.sizes[0]]
            right += self._present(x, label)[0] == label
            address = (address + stride) % size
        self.runs.append(len(visited))
        self.store["store_correct"] = right
