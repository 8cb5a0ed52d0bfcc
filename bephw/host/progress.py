"""A training's progress in the terminal: how far, how fast, how well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from bephw.golden.training import Epoch, Progress

__all__ = ["TrainingProgress", "shown_progress"]


class TrainingProgress(Protocol):
    """Who is told how a training goes. One that has a method `on_kept` is also told, while the training samples go to
    a board's store, how many have gone."""

    def on_samples(self, count: int) -> None:
        """So many more samples are done."""

    def on_progress(self, progress: Progress) -> None:
        """The epoch is so far."""

    def on_epoch(self, epoch: Epoch) -> None:
        """An epoch is over."""


class _Nothing:
    def on_samples(self, count: int) -> None: ...

    def on_progress(self, progress: Progress) -> None: ...

    def on_epoch(self, epoch: Epoch) -> None: ...


class _Bar:
    """A line of rich's: drawn from the first sample on, so that an error before it stays the only line."""

    def __init__(self, label: str, epochs: int, samples: int) -> None:
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]} samples/s"),
            TextColumn("accuracy {task.fields[accuracy]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self._label, self._epochs = escape(label), epochs
        self._task = self.bar.add_task(self._label, total=epochs * samples, speed="-", accuracy="-")

    def on_samples(self, count: int) -> None:
        self.bar.start()
        self.bar.advance(self._task, count)
        speed = self.bar.tasks[0].speed
        self.bar.update(self._task, speed="-" if speed is None else f"{speed:,.0f}")

    def on_kept(self, count: int) -> None:
        self.bar.start()
        self.bar.update(self._task, description=f"{self._label}, {count:,} samples to the store")

    def on_progress(self, progress: Progress) -> None:
        accuracy = progress.done.accuracy
        self.bar.update(
            self._task,
            description=f"{self._label}, epoch {progress.epoch} of {self._epochs}",
            accuracy="-" if accuracy is None else f"{100 * accuracy:.1f} %",
        )

    def on_epoch(self, epoch: Epoch) -> None:
        """What is shown of it stays until the next one has begun."""


@contextmanager
def shown_progress(
    progress: TrainingProgress | bool | None, label: str, epochs: int, samples: int
) -> Iterator[TrainingProgress]:
    """Whoever is to be told of a training of `epochs` epochs of `samples` samples: `progress` itself; or a bar on
    standard error where it is true, or None and that is a terminal."""
    if progress is None:
        progress = _is_terminal()
    if not isinstance(progress, bool):
        yield progress
        return
    if not progress:
        yield _Nothing()
        return
    bar = _Bar(label, epochs, samples)
    try:
        yield bar
    finally:
        if bar.bar.live.is_started:
            bar.bar.stop()


def _is_terminal() -> bool:
    from rich.console import Console

    return Console(stderr=True).is_terminal
