"""Digits trained over the link on a virtual iCEBreaker, with and without its UART: rates, and the golden model's bits.

python benchmarks/virtual_board.py [SETTINGS] [--epochs 1] [--json OUT]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from bephw.boards import board as board_named
from bephw.boards.bitstream.top import clock_and_bit
from bephw.flow.learning import prepare
from bephw.golden.initial import initial_state
from bephw.host import GoldenTrainer, Trainer
from bephw.settings import Settings
from bephw.virtual.kept import kept_board
from bephw.virtual.served import ServedBoard

LONGER = 10  # times as many epochs without the UART


class Cycles:
    """The board's count, as it tells it about once a second."""

    def __init__(self) -> None:
        self.marks: list[tuple[float, int]] = []

    def __call__(self, event: str) -> None:
        kind, _, number = event.partition(" ")
        if kind == "cycles":
            self.marks.append((time.monotonic(), int(number)))

    @property
    def rate(self) -> float:
        """Cycles a second."""
        (began, first), (ended, last) = self.marks[0], self.marks[-1]
        return (last - first) / (ended - began)


def measure(settings: Settings, dataset: Any, epochs: int, fast: bool) -> dict[str, Any]:
    """One way."""
    expected = GoldenTrainer(settings).fit_dataset(dataset, epochs=epochs, progress=False)
    target = board_named(settings.board.name)
    clock_mhz, _ = clock_and_bit(target, settings)
    program = kept_board(target, settings, initial_state(settings), fast=fast, on_compiling=lambda: print("compiling"))
    cycles = Cycles()
    with (
        ServedBoard(program, clock_mhz, settings.board.baud, on_event=cycles) as served,
        Trainer(served.urls[0], settings) as trainer,
    ):
        begun = time.monotonic()
        trainer.fit_dataset(dataset, epochs=epochs)
        seconds = time.monotonic() - begun
        found, wanted = trainer.state.to_arrays(), expected.state.to_arrays()
        session = trainer.board.connection.session
        accuracies = [epoch.test_accuracy for epoch in trainer.history]
    return {
        "fast": fast,
        "cycles_per_second": cycles.rate,
        "epochs": epochs,
        "seconds": seconds,
        "samples_per_second": epochs * (len(dataset.y_train) + len(dataset.y_test)) / seconds,
        "mismatches": int(sum((found[name] != array).sum() for name, array in wanted.items())),
        "same_accuracies": accuracies == [epoch.test_accuracy for epoch in expected.history],
        "resent": session.resent,
        "repeated": session.repeated,
    }


def main() -> None:
    """Measure the ways that are asked for, and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings", type=Path, nargs="?", default=Path("examples/digits.toml"))
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--only", choices=["uart", "fast"])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    settings, dataset = prepare(Settings.from_toml(options.settings))
    ways = {None: (False, True), "uart": (False,), "fast": (True,)}[options.only]
    # Without its UART the board is done with an epoch before it has told its cycles twice.
    figures = [measure(settings, dataset, options.epochs * (LONGER if fast else 1), fast) for fast in ways]
    for row in figures:
        print(
            f"{'without' if row['fast'] else 'with'} UART: {row['cycles_per_second']:,.0f} cycles/s, "
            f"{row['samples_per_second']:,.0f} samples/s, {row['mismatches']} mismatches, resent {row['resent']}"
        )
    if options.json:
        options.json.write_text(json.dumps({"benchmark": "virtual_board", "runs": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
