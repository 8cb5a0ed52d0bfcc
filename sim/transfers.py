"""State in and out of the trainer, by the protocol of the `transfer` register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bephw.rtl_gen.registers.map import Command, Transfer
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["Registers", "Sink", "Source", "StateDumper", "StateLoader"]


class Registers(Protocol):
    """The register bus, by register name."""

    async def write(self, name: str, value: int) -> None:
        """`value` is taken modulo 2^32, so signed values may be given as they are."""

    async def read(self, name: str) -> int:
        """The register's value, negative where it is signed and below zero."""
        ...

    async def until_idle(self) -> None:
        """Until nothing is in flight and no state is being moved."""


class Sink(Protocol):
    """A stream into the design."""

    async def send(self, payloads: Iterable[int]) -> None:
        """Returns when the last one has been accepted."""


class Source(Protocol):
    """A stream out of the design."""

    async def receive(self, count: int, into: list[int]) -> None:
        """Append the next `count` payloads to `into`."""


class StateLoader:
    """Writes a whole `NetworkState` into an idle trainer."""

    def __init__(self, bus: Registers, load: Sink) -> None:
        self._bus = bus
        self._load = load

    async def write(self, state: NetworkState) -> None:
        """Returns when the trainer is idle, its visible planes refreshed and its batch empty."""
        matrices: list[NDArray[Any]] = [*state.counters, *state.all_prototypes]
        for space, array in enumerate(matrices):
            await self._matrix(space, array)
        for name, values in (("generator", state.generators), ("accumulator", state.accumulators)):
            for index, value in enumerate(values):
                await self._bus.write(f"{name}_{index}", int(value))
        await self._refresh()

    async def write_counters(self, counters: Sequence[NDArray[np.int16]]) -> None:
        """Of every layer, and nothing else; returns as `write`."""
        for space, matrix in enumerate(counters):
            await self._matrix(space, matrix)
        await self._refresh()

    async def _matrix(self, space: int, matrix: NDArray[Any]) -> None:
        await self._bus.write("transfer", space)
        await self._load.send(int(element) & 0xFFFF_FFFF for element in matrix.ravel())
        await self._bus.until_idle()

    async def _refresh(self) -> None:
        await self._bus.write("command", Command.END_BATCH)
        await self._bus.until_idle()


class StateDumper:
    """Reads a whole `NetworkState` from an idle trainer."""

    def __init__(self, bus: Registers, dump: Source) -> None:
        self._bus = bus
        self._dump = dump

    async def read(self, settings: Settings) -> NetworkState:
        layers = range(settings.network.layers)
        counters = [await self._matrix(layer, *shape) for layer, shape in enumerate(settings.matrices)]
        *hidden, prototypes = [
            (await self._matrix(space, shape.outputs, shape.inputs) & 1).astype(np.uint8)  # of one bit
            for space, shape in enumerate(settings.classifier_shapes, len(layers))
        ]
        return NetworkState(
            counters=tuple(matrix.astype(np.int16) for matrix in counters),
            prototypes=prototypes,
            generators=np.array([await self._bus.read(f"generator_{layer}") for layer in layers], np.uint32),
            accumulators=np.array([await self._bus.read(f"accumulator_{layer}") for layer in layers], np.uint32),
            hidden_prototypes=tuple(hidden),
        )

    async def _matrix(self, space: int, rows: int, columns: int) -> NDArray[np.int32]:
        beats: list[int] = []
        await self._bus.write("transfer", space | Transfer.DUMP)
        await self._dump.receive(rows * columns, beats)
        await self._bus.until_idle()
        return np.array(beats, np.uint32).view(np.int32).reshape(rows, columns)
