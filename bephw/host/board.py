"""A trainer on a board, as Python sees it: registers, samples, state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bephw.boards.link.identity import describe
from bephw.boards.link.sizes import LinkSizes
from bephw.boards.store.registers import store_registers
from bephw.errors import BephwError
from bephw.host.commands import dump_elements, load_elements, read_register, sample, stream_words, write_register
from bephw.host.connection import Connection
from bephw.host.port import open_port
from bephw.host.store import Store
from bephw.rtl_gen.registers.map import Command, Status, Transfer, register_map
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["Board", "Predictions", "connect"]

AHEAD = 256
"""Commands that wait to be sent, at most: samples are encoded as they go."""


class Predictions(NamedTuple):
    """Of samples: the class (n,), and whether the sample taught (n,), a column for every classifier that may."""

    label: NDArray[np.int64]
    taught: NDArray[np.bool_]


def connect(url: str, settings: Settings) -> Board:
    """The board at any URL of pyserial's, which must have been built with these settings.

    Raises `BephwError` where the port cannot be opened, nobody answers, or another trainer does.
    """
    return Board(Connection(open_port(url, settings.board.baud)), settings)


class Board:
    """A trainer that has just been reset, and the link to it.

    Everything that is asked for here is done when the method returns, but for `write`, which is done before whatever is
    asked for next. Raises `BephwError` where the board's identity is not that of `settings`, and as `Connection`.
    """

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self.connection = connection
        self._settings = settings
        self._registers = register_map(settings)
        sizes = LinkSizes(window=connection.identity["window"], replies=connection.identity["replies"])
        _compare(connection.identity, describe(settings, sizes))
        self._word, self._element, self._prediction = connection.identity["bytes"]
        if (kept := connection.identity.get("store")) is not None:
            self._registers |= store_registers(kept[2], settings)

    @property
    def has_store(self) -> bool:
        """Whether it has a memory for samples."""
        return self.connection.identity.get("store") is not None

    @cached_property
    def store(self) -> Store:
        """The board's samples. Raises `BephwError` where it has no memory for them."""
        kept = self.connection.identity.get("store")
        if kept is None:
            raise BephwError("the board has no store: board.store must be set when it is built, not 'none'")
        return Store(self, self._settings, *kept)

    # -- registers ------------------------------------------------------------------------------

    def write(self, name: str, value: int) -> None:
        """`value` is taken modulo 2^32, so signed values may be given as they are."""
        self.connection.submit([write_register(self._registers[name].address, value)])

    def read(self, *names: str) -> list[int]:
        """The registers' values, negative where they are signed and below zero."""
        registers = [self._registers[name] for name in names]
        answers = self.connection.ask([read_register(register.address) for register in registers])
        return [
            int.from_bytes(answer, "little", signed=register.signed)
            for register, answer in zip(registers, answers, strict=True)
        ]

    def until_idle(self) -> None:
        """Until nothing is in flight and no state is being moved."""
        while self.read("status")[0] & (Status.BUSY | Status.TRANSFER):
            pass

    def end_batch(self) -> None:
        """However many samples it has."""
        self.write("command", Command.END_BATCH)
        self.until_idle()

    def statistics(self) -> dict[str, int]:
        """The registers that only count, by name."""
        names = [name for name in self._registers if name.startswith(("samples", "taught", "updates", "cycles"))]
        return dict(zip(names, self.read(*names), strict=True))

    # -- samples --------------------------------------------------------------------------------

    def stream(
        self,
        x: NDArray[np.uint8],
        y: Sequence[int] | NDArray[np.integer],
        on_predictions: Callable[[int], None] | None = None,
    ) -> Predictions:
        """Bits (n, K_0), or (n, steps, K_0), and labels (n,): what the trainer predicts of them, in their order.

        Whether they teach is for register `control`, and how many steps they have for register `steps`.
        `on_predictions` is called with the number of predictions so far, now and then.
        """
        found = self.connection.predictions
        found.clear()
        for _ in self.send(x, y, self._prediction):
            if on_predictions:
                on_predictions(len(found))
        self.connection.until(lambda: len(found) >= len(x))
        if on_predictions:
            on_predictions(len(found))
        return self._predictions(found)

    def send(self, x: NDArray[np.uint8], y: Sequence[int] | NDArray[np.integer], prediction: int = 0) -> Iterator[int]:
        """Samples, each answered by so many bytes; the number of those that are on their way, now and then."""
        connection, session = self.connection, self.connection.session
        words = stream_words(x, self._settings.hardware.stream_width, self._word)
        mask = (1 << (self._settings.network.classes - 1).bit_length()) - 1
        for number, (bits, label) in enumerate(zip(words, y, strict=True)):
            # A label that is no class must stay none: all ones of the port's width where those are none.
            connection.submit(sample(bits, min(int(label), mask), prediction))
            if session.queued >= AHEAD:
                connection.until(lambda: session.queued < AHEAD)
                yield number + 1

    def _predictions(self, payloads: list[int]) -> Predictions:
        classes, classifiers = self._settings.network.classes, len(self._settings.classifier_shapes)
        numbers = np.array(payloads, np.int64)
        payloads.clear()
        bits = (classes - 1).bit_length()
        taught = (numbers[:, None] >> (bits + np.arange(classifiers)) & 1).astype(bool)
        return Predictions(numbers & ((1 << bits) - 1), taught[:, 0] if classifiers == 1 else taught)

    # -- state ----------------------------------------------------------------------------------

    def load_state(self, state: NetworkState) -> None:
        """Into an idle trainer; its visible weights are renewed, and its batch is empty."""
        matrices: list[NDArray[Any]] = [*state.counters, *state.all_prototypes]
        for space, matrix in enumerate(matrices):
            self.write("transfer", space)
            self.connection.submit(load_elements(matrix, self._element))
            self.until_idle()
        for name, values in (("generator", state.generators), ("accumulator", state.accumulators)):
            for index, value in enumerate(values):
                self.write(f"{name}_{index}", int(value))
        self.end_batch()

    def read_state(self) -> NetworkState:
        """Of an idle trainer."""
        layers = range(self._settings.network.layers)
        counters = [self._matrix(layer, shape) for layer, shape in enumerate(self._settings.matrices)]
        *hidden, prototypes = [
            (self._matrix(space, (shape.outputs, shape.inputs)) & 1).astype(np.uint8)
            for space, shape in enumerate(self._settings.classifier_shapes, len(layers))
        ]
        return NetworkState(
            counters=tuple(counters),
            prototypes=prototypes,
            generators=np.array(self.read(*(f"generator_{layer}" for layer in layers)), np.uint32),
            accumulators=np.array(self.read(*(f"accumulator_{layer}" for layer in layers)), np.uint32),
            hidden_prototypes=tuple(hidden),
        )

    def _matrix(self, space: int, shape: tuple[int, int]) -> NDArray[np.int16]:
        size = self._element
        self.write("transfer", space | Transfer.DUMP)
        answers = self.connection.ask(dump_elements(shape[0] * shape[1], size))
        self.until_idle()
        return np.frombuffer(b"".join(answers), f"<i{size}").astype(np.int16).reshape(shape)


def _compare(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """The board's identity, and that of the settings."""
    for name, value in reversed(expected.items()):  # what is in plain words says more than the fingerprint, the first
        if found.get(name) != value:
            raise BephwError(f"the board has another trainer: its {name} must be {value}, not {found.get(name)}")
