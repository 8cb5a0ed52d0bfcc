"""The demo's stages on the terminal: a line each, those under way with a bar or a clock."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import TaskID

__all__ = ["StageList"]


class StageList:
    """Implements `bephw.demo.Progress` with rich. Use as a context; lines may be added from several threads."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._console = Console(stderr=True, highlight=False)
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._console.is_terminal,  # there each stage prints two plain lines instead
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> StageList:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begin(self, stage: str, total: int | None = None) -> None:
        """A new line, with a bar of `total` steps where there are steps to count."""
        self._tasks[stage] = self._progress.add_task(stage, total=total, note="")
        if not self._console.is_terminal:
            self._console.print(f"... {stage}", markup=False)

    def done_so_far(self, stage: str, steps: int) -> None:
        """Move the bar to `steps`."""
        self._progress.update(self._tasks[stage], completed=steps)

    def end(self, stage: str, note: str) -> None:
        """Close the line, with what came out."""
        task = self._tasks[stage]
        self._progress.update(task, total=1, completed=1, note=note)
        self._progress.stop_task(task)
        if not self._console.is_terminal:
            self._console.print(f"    {stage}: {note}", markup=False)
