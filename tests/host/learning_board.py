"""A board that learns, without hardware: the link of `ModelBoard`, and the golden model for a trainer."""

import numpy as np

from bephw.boards.link.identity import identity_block
from bephw.boards.link.protocol import element_bytes, prediction_bytes, word_bytes
from bephw.boards.link.sizes import LEAST_SIZES
from bephw.golden.initial import initial_state
from bephw.golden.model import GoldenModel
from bephw.host.board import Board
from bephw.host.connection import Connection
from bephw.rtl_gen.registers.map import per_classifier, register_map
from bephw.settings import Settings
from bephw.state import NetworkState
from tests.host.model_board import ModelBoard

SETTINGS = Settings.build(
    network={"sizes": [12, 10, 6], "classes": 3},
    learning={"bits": 6, "gamma": [5, 3], "nu": 0.5, "r": 0.5, "batch": 8, "epochs": 3, "seed": 2},
    hardware={"stream_width": 8, "columns": 6},
)


class LearningBoard(ModelBoard):
    """What a board of `settings` does with samples, registers and state; `status` is always 0."""

    def __init__(self, settings):
        self.settings, self.map = settings, register_map(settings)
        self.names = {register.address: name for name, register in self.map.items()}
        self.word = word_bytes(settings)
        self.loaded = initial_state(settings)
        super().__init__(
            identity_block(settings, LEAST_SIZES),
            LEAST_SIZES.window,
            LEAST_SIZES.replies,
            element=element_bytes(settings),
        )

    def power_up(self):
        super().power_up()
        self.model, self.stale = GoldenModel(self.settings, self.loaded), False
        self.learns, self.steps, self.counts = True, self.settings.data.steps or 1, {}
        self.space, self.elements = 0, bytearray()

    # -- commands ---------------------------------------------------------------------------------

    def _command_bytes(self):
        if self.stream and self.stream[0] & 7 == 4:
            return 1 + ((self.stream[0] >> 3) + 1) * self.word
        return super()._command_bytes()

    def _carry_out(self, kind, units, operand):
        name = self.names.get(self.address)
        if kind == 2:
            self._write(name, int.from_bytes(operand, "little"))
        elif kind == 3:
            self._reply((self._read(name) % 2**32).to_bytes(4, "little"))
        elif kind == 4:
            self.sample += operand
            self._learn()
        elif kind == 5:
            self.elements += operand
            self._load()
        elif kind == 6:
            size = units * self.element
            self._reply(bytes(self.elements[:size]))
            del self.elements[:size]
        else:
            super()._carry_out(kind, units, operand)

    def _write(self, name, value):
        if name == "command" and value & 1:
            self._renew()
            self.model.end_batch()
        elif name == "control":
            self.learns = bool(value & 1)
        elif name == "steps":
            self.steps = value
        elif name == "transfer":
            self.space, self.elements = value & 0xFFFF, bytearray()
            if value >> 16:
                self.elements += self._matrices()[self.space].astype(f"<i{self.element}").tobytes()
        elif name.startswith("rate_"):
            rates = list(self.model.rates)
            rates[int(name[5:])] = value
            self.model.rates = tuple(rates)
        elif name.startswith(("generator_", "accumulator_")):
            kind, layer = name.split("_")
            state = self._state()
            getattr(state, f"{kind}s")[int(layer)] = value
            self.loaded, self.stale = state, True

    def _read(self, name):
        state = self._state()
        if name.startswith(("generator_", "accumulator_")):
            kind, layer = name.split("_")
            return int(getattr(state, f"{kind}s")[int(layer)])
        return self.counts.get(name, 0)

    # -- state ------------------------------------------------------------------------------------

    def _state(self):
        return self.loaded if self.stale else self.model.state

    def _matrices(self):
        state = self._state()
        return [*state.counters, *state.all_prototypes]

    def _load(self):
        matrices = self._matrices()
        wanted = matrices[self.space]
        if len(self.elements) < wanted.size * self.element:
            return
        matrices[self.space] = (
            np.frombuffer(bytes(self.elements), f"<i{self.element}").astype(wanted.dtype).reshape(wanted.shape)
        )
        layers, state = self.settings.network.layers, self._state()
        *hidden, last = matrices[layers:]
        counters = tuple(matrices[:layers])
        self.loaded = NetworkState(
            counters, last & 1, state.generators, state.accumulators, tuple(f & 1 for f in hidden)
        )
        self.stale = True

    def _renew(self):
        if self.stale:
            rates = self.model.rates
            self.model, self.stale = GoldenModel(self.settings, self.loaded), False
            self.model.rates = rates

    # -- samples ----------------------------------------------------------------------------------

    def _learn(self):
        inputs, width = self.settings.network.sizes[0], self.settings.hardware.stream_width
        words = -(-inputs // width) * self.steps
        if len(self.sample) < words * self.word:
            return
        bits = np.unpackbits(np.array(self.sample, np.uint8).reshape(words, self.word), axis=1, bitorder="little")
        self.sample = []
        prediction, taught = self._present(bits[:, :width].reshape(self.steps, -1)[:, :inputs], self.label)
        flags = sum(int(flag) << at for at, flag in enumerate(taught))
        payload = flags << (self.settings.network.classes - 1).bit_length() | prediction
        self.replies += (payload << 1 | 1).to_bytes(prediction_bytes(self.settings), "little")

    def _present(self, x, label):
        """Bits (steps, K_0): the class predicted, and who taught."""
        x = x[None] if self.settings.recurrent else x
        if self.learns:
            record = self.model.train(x, [label])
            prediction, taught = int(record.prediction[0]), np.atleast_1d(record.taught[0])
        else:
            prediction, taught = int(self.model.predict(x)[0][0]), np.zeros(len(self.settings.classifier_shapes), bool)
        names = per_classifier("taught", len(taught))
        for name, count in (("samples", 1), *zip(names, taught.tolist(), strict=True)):
            self.counts[name] = self.counts.get(name, 0) + count
        return prediction, taught


class Direct:
    """A port without a line, and a host that dies when the board has seen so many `samples`."""

    def __init__(self, board, samples=None):
        self.board, self.time = board, 0.0
        self.samples, self.closed = samples, False

    def write(self, data):
        self.board.feed(data)

    def read(self):
        self.time += 1e-4
        if self.samples is not None and self.board.counts.get("samples", 0) >= self.samples:
            raise KeyboardInterrupt
        self.board.work()
        return self.board.report()

    def close(self):
        self.closed = True


def connected(settings, model=None, samples=None):
    """A `Board` that learns; the host may die after so many samples."""
    port = Direct(model or LearningBoard(settings), samples)
    return Board(Connection(port, clock=lambda: port.time), settings)
