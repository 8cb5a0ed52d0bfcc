"""The demo: from a settings file to two bitstreams, with everything compared and measured on the way.

    learn -> compare -> emit -> build for iCEBreaker                     -+-> a few batches over the link -> report
                             -> simulate the emitted file -> ULX3S-85F   -+

Two cores are busy: the small board, which is nearly full, takes the longest to place; all else goes beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import bephw
from bephw import boards
from bephw.data import Dataset
from bephw.files import make_folder, write_json, write_text
from bephw.flow.cosimulation import cosimulate
from bephw.flow.emission import emit_files
from bephw.flow.emitted.stimulus import from_dataset
from bephw.flow.learning import learn, prepare
from bephw.flow.over_the_link import learn_over_the_link
from bephw.flow.references import references
from bephw.flow.showcase import showcase
from bephw.golden.initial import initial_state
from bephw.report import render
from bephw.settings import Settings
from bephw.state import NetworkState
from bephw.words import counted

__all__ = ["BOARDS", "GOAL", "SIMULATED_EPOCHS", "Progress", "demo_settings", "judge", "run_demo"]

GOAL = 0.94
SIMULATED_EPOCHS = 3
LINKED_BATCHES = 20
BOARDS: dict[str, dict[str, Any]] = {
    "icebreaker": {"board.clock_mhz": 24.0},
    "ulx3s-85f": {"board.clock_mhz": 60.0, "hardware.counter_memory": "bram"},
}


class Progress(Protocol):
    """Who is told how the stages go; called from two threads."""

    def begin(self, stage: str, total: int | None = None) -> None:
        """A stage starts; `total` steps, where they can be counted."""

    def done_so_far(self, stage: str, steps: int) -> None:
        """So many steps are done."""

    def end(self, stage: str, note: str) -> None:
        """A stage is over; `note` says in a few words what came out."""


def demo_settings() -> Settings:
    """The digits network, as in examples/digits.toml (an installed package has no examples beside it)."""
    return Settings.build(
        network={"sizes": [192, 63, 63], "classes": 10},
        learning={
            "bits": 8,
            "gamma": 21,
            "nu": 0.2,
            "r": 0.5,
            "batch": 20,
            "epochs": 30,
            "p_r": 0.25,
            "sigma": 10.0,
            "seed": 3,
        },
        hardware={
            "rows": [2, 2, 1],
            "columns": [24, 8, 6],
            "update_columns": [6, 2],
            "stream_width": 8,
            "slots": 6,
            "counter_memory": "spram",
            "profile": False,
        },
        data={"name": "digits", "seed": 2, "encoder": {"kind": "thermometer", "levels": 3}},
        board={"name": "icebreaker", "clock_mhz": 24.0},
    )


def run_demo(output: Path, progress: Progress, settings: Settings | None = None) -> dict[str, Any]:
    """Run all stages and write `output`/demo.json and `output`/report.html; the figures.

    `settings` replaces `demo_settings()`. What does not come out as it must is listed in `figures["problems"]`;
    `BephwError` is for what keeps the demo from running at all.
    """
    start = time.monotonic()
    settings = settings or demo_settings()
    settings, dataset = prepare(settings)
    demo = _Demo(settings, make_folder(output), progress)
    state = initial_state(settings)
    train = demo.learn(dataset) | demo.compare(dataset)
    emitted = demo.emit(dataset, state)
    first, *others = BOARDS
    with ThreadPoolExecutor(max_workers=1) as other_core:
        building = other_core.submit(demo.build, first, state)
        sim = demo.simulate(dataset, (output / emitted["verilog"]).read_text(encoding="utf-8"))
        built = [demo.build(name, state) for name in others]
        builds = [building.result(), *built]
    linked = demo.link(dataset)
    problems = judge(train, sim, builds, linked)
    figures = {
        "command": "demo",
        "version": bephw.__version__,
        "passed": not problems,
        "problems": problems,
        "goal": GOAL,
        "train": train,
        "emit": emitted,
        "sim": sim,
        "builds": builds,
        "link": linked,
        "stages": demo.stages,
        "seconds": time.monotonic() - start,
        "warnings": list(dict.fromkeys([*train["warnings"], *sim["warnings"]])),
    }
    write_json(output / "demo.json", figures)
    write_text(output / "report.html", render([figures], title="bephw demo"))
    return figures


def judge(
    train: dict[str, Any], sim: dict[str, Any], builds: list[dict[str, Any]], linked: dict[str, Any]
) -> list[str]:
    """What is not as it must be, one line each; empty where all is well."""
    problems = []
    if train["test_accuracy"] < GOAL:
        problems.append(f"held-out accuracy must be at least {GOAL:.0%}, not {train['test_accuracy']:.2%}")
    if sim["mismatches"]:
        problems.append(f"hardware and golden model differ in {counted(sim['mismatches'], 'value')}")
    if linked["mismatches"]:
        problems.append(f"virtual board and golden model differ in {counted(linked['mismatches'], 'value')}")
    for build in builds:
        if not build["meets_timing"]:
            problems.append(
                f"{build['board']}: {build['clock_mhz']:g} MHz asked for, {build['fmax_mhz']:.2f} MHz reached"
            )
    return problems


@dataclass
class _Demo:
    """One run: where it writes, whom it tells, and how long each stage took."""

    settings: Settings
    output: Path
    progress: Progress
    stages: list[dict[str, Any]] = field(default_factory=list)

    def learn(self, dataset: Dataset) -> dict[str, Any]:
        """The golden model, all epochs."""
        stage = f"learn {dataset.name} in the golden model"
        epochs = self.settings.learning.epochs
        with self._stage(stage, epochs) as note:
            result, figures = learn(
                self.settings, dataset, on_epoch=lambda epoch: self.progress.done_so_far(stage, epoch.epoch)
            )
            result.state.save(self.output / "learnt.npz")
            note(f"{figures['test_accuracy']:.2%} of held-out digits")
        return figures | showcase(self.settings, dataset, result.network)

    def compare(self, dataset: Dataset) -> dict[str, Any]:
        """Other learners on the same split, those that are installed."""
        with self._stage("compare with other learners on the same split") as note:
            figures = references(self.settings, dataset)
            found = figures["references"]
            note(", ".join(f"{item['name']} {item['test_accuracy']:.1%}" for item in found) or "none is installed")
        return figures

    @property
    def profiled(self) -> Settings:
        """With a cycle counter for every phase: emitted and simulated so, but not built (the small board is full)."""
        return self.settings.replace({"hardware.profile": True})

    def emit(self, dataset: Dataset, state: NetworkState) -> dict[str, Any]:
        """The Verilog, with the initial state in its memories where they can hold one, and a testbench."""
        with self._stage("emit Verilog") as note:
            stimulus = from_dataset(self.profiled, dataset)
            manifest = emit_files(
                self.profiled, state, self.output, stimulus=stimulus, class_names=stimulus.class_names
            )
            note(str(self.output / manifest["verilog"]))
        return manifest

    def simulate(self, dataset: Dataset, verilog: str) -> dict[str, Any]:
        """The emitted text trains whole epochs and classifies the held-out set; everything is compared."""
        stage = f"simulate {counted(SIMULATED_EPOCHS, 'epoch')} of that Verilog"
        total = SIMULATED_EPOCHS * len(dataset.y_train) + len(dataset.y_test)
        with self._stage(stage, total) as note:
            figures = cosimulate(
                self.profiled,
                dataset,
                epochs=SIMULATED_EPOCHS,
                workdir=self.output / "sim",
                verilog=verilog,
                on_samples=lambda samples: self.progress.done_so_far(stage, samples),
            )
            note(
                f"{counted(figures['mismatches'], 'mismatch', 'mismatches')}, "
                f"{figures['cycles_per_sample']:.0f} cycles a sample"
            )
        return figures

    def build(self, name: str, state: NetworkState) -> dict[str, Any]:
        """The bitstream for the board `name`."""
        settings = self.settings.replace({"board.name": name, **BOARDS[name]})
        with self._stage(f"build the bitstream for {name}") as note:
            result = asdict(boards.build(settings, state, output=make_folder(self.output / name)))
            note(f"{result['fmax_mhz']:.1f} MHz, {result['clock_mhz']:g} wanted")
        return {"command": "build", "settings": settings.model_dump(mode="json"), **result}

    def link(self, dataset: Dataset) -> dict[str, Any]:
        """A few batches on the virtual board, sent over the link."""
        first, *_ = BOARDS
        settings = self.settings.replace({"board.name": first, **BOARDS[first]})
        with self._stage(
            f"train {counted(LINKED_BATCHES, 'batch', 'batches')} on a virtual {first} over the link"
        ) as note:
            figures = learn_over_the_link(settings, dataset, batches=LINKED_BATCHES)
            note(
                f"{counted(figures['mismatches'], 'mismatch', 'mismatches')}, "
                f"{figures['samples'] / figures['seconds']:,.0f} samples a second"
            )
        return figures

    @contextmanager
    def _stage(self, name: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
        """Time a stage and tell `progress`; yields a function that takes the note."""
        start, notes = time.monotonic(), [""]
        self.progress.begin(name, total)
        yield notes.append
        self.stages.append({"stage": name, "seconds": time.monotonic() - start})
        self.progress.end(name, notes[-1])
