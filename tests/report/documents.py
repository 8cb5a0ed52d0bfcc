"""Small documents of every command, as `--json` writes them."""

NETWORK = {"network": {"sizes": [64, 6], "classes": 3}, "learning": {"gamma": 3}, "hardware": {"rows": 2, "columns": 4}}
TRAIN = {
    "command": "train",
    "settings": NETWORK,
    "data": {"name": "digits", "inputs": 64, "train_samples": 120, "test_samples": 30},
    "epochs": [
        {"epoch": 1, "train_accuracy": 0.5, "test_accuracy": 0.6, "taught": 0.9, "rates": [7], "seconds": 1.25},
        {"epoch": 2, "train_accuracy": 0.7, "test_accuracy": 0.8125, "taught": 0.5, "rates": [5], "seconds": 1.5},
    ],
    "train_accuracy": 0.7,
    "test_accuracy": 0.8125,
    "samples_per_second": 12345.6,
    "seconds": 2.75,
}
CONFUSION = {
    "classes": [
        {"name": "cat", "samples": 10, "right": 9},
        {"name": "dog", "samples": 10, "right": 8},
        {"name": "<script>alert(1)</script>", "samples": 10, "right": 10},
    ],
    "counts": [[9, 1, 0], [2, 8, 0], [0, 0, 10]],
    "confused": [
        {"true": "dog", "predicted": "cat", "count": 2},
        {"true": "cat", "predicted": "dog", "count": 1},
    ],
}


def examples(kind, shape):
    """Two samples, a wrong and a right one, of values that count up."""
    size = 1
    for side in shape:
        size *= side
    values = [index % 7 for index in range(size)]
    return {
        "kind": kind,
        "shape": list(shape),
        "features": size,
        "low": 0,
        "high": 6,
        "right": 27,
        "wrong": 3,
        "samples": [
            {"number": 4, "label": "dog", "prediction": "cat", "lead": 3, "values": values},
            {"number": 5, "label": "cat", "prediction": "cat", "lead": 7, "values": values},
        ],
    }


REFERENCES = {
    "references": [
        {"name": "logistic regression", "sees": "64 features, not encoded", "test_accuracy": 0.9, "seconds": 0.5},
        {
            "name": "PyTorch, straight-through estimator",
            "sees": "the same 64 bits",
            "test_accuracy": 0.875,
            "seconds": 3.0,
            "epochs": [{"epoch": 1, "test_accuracy": 0.7}, {"epoch": 2, "test_accuracy": 0.875}],
        },
    ],
    "references_absent": [],
}
FULL_TRAIN = {**TRAIN, **REFERENCES, "confusion": CONFUSION, "examples": examples("image", (8, 8))}
SIM = {
    "command": "sim",
    "settings": NETWORK,
    "samples": 120,
    "mismatches": 0,
    "cycles": 24_000,
    "cycles_per_sample": 200.0,
    "lanes": 8,
    "efficiency": 0.27,
    "taught": 90,
    "phases": {"batch end": 4.0, "forward 0": 96.0, "update 0": 12.5, "forward 1": 20.0},
    "compared": [
        {"what": "predictions while learning", "values": 120, "mismatches": 0},
        {"what": "counters 0", "values": 384, "mismatches": 0},
    ],
    "mismatch_lines": [],
    "inference_samples": 30,
    "simulator": "verilator",
    "seconds": 12.0,
}
BUILD = {
    "command": "build",
    "settings": NETWORK,
    "board": "icebreaker",
    "device": "iCE40UP5K",
    "luts": 1000,
    "luts_available": 5280,
    "ffs": 900,
    "brams": 10,
    "brams_available": 30,
    "fmax_mhz": 25.5,
    "clock_mhz": 20.0,
    "meets_timing": True,
    "bitstream": "out dir/out.bin",
    "seconds": 60.0,
    "floor_plan": {
        "columns": 4,
        "rows": 2,
        "parts": [
            {"name": "layer 0", "mark": "a", "cells": 12, "rams": 1},
            {"name": "serial bridge", "mark": "b", "cells": 4, "rams": 0},
        ],
        "tiles": ["aaA.", "..bb"],
    },
}
EMIT = {
    "command": "emit",
    "settings": NETWORK,
    "name": "bephw_trainer",
    "verilog": "x.v",
    "verilog_sha256": "00",
    "lanes": 8,
    "ports": [{"name": "clk", "direction": "input", "width": 1}],
}
CHECK = {
    "command": "check",
    "vector": "vector.npz",
    "rtl": True,
    "simulator": "verilator",
    "mismatches": 0,
    "mismatch_lines": [],
    "comparisons": 4_321,
    "compared": ["golden model: prediction", "Verilog: prediction"],
}
DOCTOR = {
    "command": "doctor",
    "tools": [{"tool": "yosys", "source": "wheel", "version": "0.70", "needed_for": "emit", "hint": "", "found": True}],
    "missing": [],
}
PLAN = {
    "command": "plan",
    "settings": NETWORK,
    "board": "ulx3s-85f",
    "lanes": 8,
    "luts": 1500,
    "luts_available": 83_640,
    "luts_by_part": {"forward": 700, "update": 800},
    "brams": 4,
    "brams_available": 208,
    "sprams": 0,
    "sprams_available": 0,
    "fmax_mhz": 110.0,
    "clock_mhz": 100.0,
    "states": {
        "trained": {
            "cycles_per_sample": 180.0,
            "samples_per_second": 555_555.6,
            "efficiency": 0.3,
            "busy": {"forward_0": 96.0, "argmax": 10.0},
        }
    },
}
PREDICT = {"command": "predict", "samples": 3, "accuracy": 2 / 3, "prediction": [0, 1, 2]}
ACCURACY = {
    "command": "accuracy",
    "title": "A table",
    "seeds": [1, 2],
    "folds": None,
    "complete": True,
    "rows": ["a"],
    "columns": ["one", "two"],
    "cells": [
        {"row": "a", "column": "one", "n": 2, "mean": 0.8, "std": 0.01, "published": 0.79},
        {"row": "a", "column": "two", "n": 0, "mean": None, "std": None, "published": None},
    ],
    "compare": [],
}
TUNE = {
    "command": "tune",
    "title": "A search",
    "names": ["learning.nu"],
    "trials": [
        {"trial": number, "state": "complete", "value": number / 20, "values": {"learning.nu": 0.5}}
        for number in range(12)
    ]
    + [{"trial": 12, "state": "pruned", "value": 0.9, "values": {"learning.nu": 0.1}}],
}
DEMO = {
    "command": "demo",
    "version": "0",
    "passed": True,
    "problems": [],
    "goal": 0.8,
    "train": FULL_TRAIN,
    "emit": EMIT,
    "sim": SIM,
    "builds": [BUILD],
    "stages": [{"stage": "learn", "seconds": 2.0}],
    "seconds": 100.0,
}
ALL = [DEMO, FULL_TRAIN, SIM, BUILD, EMIT, CHECK, DOCTOR, PLAN, PREDICT, ACCURACY, TUNE]
