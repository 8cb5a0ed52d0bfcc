"""The foldings that several benchmarks measure, by name."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from bephw.settings import Settings

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PROFILE = {"hardware.profile": True}
BRAM = PROFILE | {"hardware.counter_memory": "bram"}


def folded(rows: list[int], columns: list[int], update: list[int], stream: int, slots: int = 8) -> dict[str, Any]:
    """Changes of the settings that fold a network so."""
    return {
        "hardware.rows": tuple(rows),
        "hardware.columns": tuple(columns),
        "hardware.update_columns": tuple(update),
        "hardware.stream_width": stream,
        "hardware.slots": slots,
    }


WIDE = folded([15, 4, 5], [196, 255, 24], [196, 51], 28)
TWO = {"hardware.samples": 2, "hardware.slots": 16, "hardware.update_columns": (98, 35)}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "digits, 64 lanes": ("digits", BRAM | folded([9, 3, 1], [5, 5, 4], [5, 1], 5)),
    "digits, iCEBreaker": ("digits", PROFILE),
    "digits, 512 lanes, batch 100": (
        "digits",
        BRAM | folded([7, 2, 1], [48, 63, 32], [24, 9], 12) | {"learning.batch": 100},
    ),
    "fashion, 256 lanes": ("fashion_ulx3s", BRAM | folded([5, 7, 1], [38, 9, 3], [19, 3], 2)),
    "fashion, 1024 lanes": (
        "fashion_ulx3s",
        BRAM
        | folded([8, 8, 1], [100, 32, 10], [25, 8], 4)
        | {"hardware.renewal": "sweep", "hardware.wire_registers": 1},
    ),
    "fashion, ULX3S": ("fashion_fast", PROFILE),
    "fashion, 4096 lanes": ("fashion_ulx3s", BRAM | WIDE),
    "fashion, 4096 lanes, batch 20": ("fashion_ulx3s", BRAM | WIDE | {"learning.batch": 20}),
    "fashion, two samples": ("fashion_samples", PROFILE | TWO),
    "fashion, four samples": ("fashion_samples", PROFILE),
    "fashion, four samples, batch 20": ("fashion_samples", PROFILE | {"learning.batch": 20}),
    "digits, four samples": ("digits_samples", PROFILE),
}


def slug(name: str) -> str:
    """A case in the name of a file: digits_64_lanes."""
    return re.sub("[^a-z0-9]+", "_", name.lower())


def case(text: str) -> str:
    """The case that is called so on a command line, or whose file is."""
    for name in CASES:
        if text in (name, slug(name)):
            return name
    raise argparse.ArgumentTypeError(f"must be one of {', '.join(map(repr, CASES))}, not {text!r}")


def settings_of(name: str) -> Settings:
    """Settings of a case; with cycle counters."""
    example, changes = CASES[name]
    return Settings.from_toml(EXAMPLES / f"{example}.toml").replace(changes)
