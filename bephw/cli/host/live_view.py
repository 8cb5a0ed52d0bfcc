"""What a board that learns does, on the screen: a table that is drawn again and again, or lines."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bephw.cli.terminal import percent
from bephw.flow.board_learning import link_figures

if TYPE_CHECKING:
    from bephw.golden.training import Epoch, Progress
    from bephw.host import Trainer

__all__ = ["LiveView"]

EPOCHS = 8
"""That are shown: the last ones."""
EVENTS = 5
WINDOW = 3.0
"""Seconds over which a rate is taken."""


class LiveView:
    """A `bephw.host.progress.TrainingProgress` on standard output."""

    def __init__(self, trainer: Trainer, label: str, epochs: int, samples: int) -> None:
        self._trainer, self._label, self._epochs, self._samples = trainer, label, epochs, samples
        self._done = 0
        self._marks: deque[tuple[float, int]] = deque()  # (time, samples done by then)
        self._kept = 0
        self._progress: Progress | None = None
        self._history: deque[Epoch] = deque(maxlen=EPOCHS)
        self._link = link_figures(trainer)
        self._events: deque[str] = deque(maxlen=EVENTS)
        console = Console()
        self._live = Live(console=console, get_renderable=self._draw) if console.is_terminal else None

    # -- what happens -----------------------------------------------------------------------------

    def on_samples(self, count: int) -> None:
        self._done += count
        now = time.monotonic()
        self._marks.append((now, self._done))
        while len(self._marks) > 2 and now - self._marks[1][0] > WINDOW:
            self._marks.popleft()
        if self._live is not None and not self._live.is_started:
            self._live.start()
        self._look_at_the_link()

    def on_kept(self, count: int) -> None:
        self._kept = count
        self.on_samples(0)

    def on_progress(self, progress: Progress) -> None:
        self._progress = progress

    def on_epoch(self, epoch: Epoch) -> None:
        self._history.append(epoch)
        if self._live is None:
            click.echo(
                f"epoch {epoch.epoch} of {self._epochs}: training {percent(epoch.train_accuracy)}, "
                f"held out {percent(epoch.test_accuracy)}, taught {percent(epoch.taught)}, "
                f"{self._samples / epoch.seconds:,.0f} samples/s"
            )

    def stop(self) -> None:
        """What was drawn last stays."""
        if self._live is not None and self._live.is_started:
            self._live.stop()

    def _look_at_the_link(self) -> None:
        found = link_figures(self._trainer)
        for name, meaning in MEANINGS.items():
            if found[name] != self._link[name]:
                self._tell(f"link: {meaning.format(found[name])}")
        self._link = found

    def _tell(self, event: str) -> None:
        self._events.append(event)
        if self._live is None:
            click.echo(event)

    # -- how it looks -----------------------------------------------------------------------------

    @property
    def rate(self) -> float | None:
        """Samples a second, of the last seconds."""
        if len(self._marks) < 2 or self._marks[-1][0] == self._marks[0][0]:
            return None
        (began, before), (now, done) = self._marks[0], self._marks[-1]
        return (done - before) / (now - began)

    def _draw(self) -> RenderableType:
        total = self._epochs * self._samples
        head = Table.grid(padding=(0, 2))
        rate, progress = self.rate, self._progress
        head.add_row(
            Text(self._label),
            ProgressBar(total=total, completed=self._done, width=30),
            f"{self._done:,} of {total:,} samples",
            "-" if rate is None else f"{rate:,.0f} samples/s",
        )
        if self._kept:
            head.add_row("store", f"{self._kept:,} samples")
        if progress is not None:
            head.add_row(f"epoch {progress.epoch} of {self._epochs}", f"accuracy {percent(progress.done.accuracy)}")
        table = Table("epoch", "training", "held out", "taught", "seconds")
        for epoch in self._history:
            accuracies = (percent(epoch.train_accuracy), percent(epoch.test_accuracy), percent(epoch.taught))
            table.add_row(str(epoch.epoch), *accuracies, f"{epoch.seconds:.2f}")
        link = ", ".join(meaning.format(self._link[name]) for name, meaning in MEANINGS.items())
        return Group(head, table, Text(f"link: {link}"), *(Text(event) for event in self._events))


MEANINGS = {
    "resent": "commands sent again: {}",
    "repeated": "replies asked for again: {}",
    "damaged": "frames damaged: {}",
    "overflow": "overflow: {}",
}
