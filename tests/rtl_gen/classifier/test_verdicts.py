"""Predictions with the verdicts of every layer's classifier."""

import random

import pytest

from bephw.rtl_gen.classifier.verdicts import Verdicts


@pytest.mark.parametrize("classifiers", [1, 2, 4])
@pytest.mark.parametrize("stall", [0.0, 0.6])
def test_a_bit_for_every_classifier(bench, clocked, classifiers, stall):
    dut = Verdicts(5, classifiers)
    b = bench(clocked(dut), seed=classifiers)
    chance = random.Random(3)
    taught = [[chance.randrange(2) for _ in range(classifiers)] for _ in range(40)]
    labels = [chance.randrange(5) for _ in taught]
    for index in range(classifiers - 1):
        b.source(getattr(dut, f"hidden_{index}"), [{"taught": bits[index]} for bits in taught], stall=0.2 * index)
    b.source(
        dut.last, [{"label": label, "taught": bits[-1]} for label, bits in zip(labels, taught, strict=True)], stall=0.4
    )
    sink = b.sink(dut.predictions, stall)
    b.run(lambda: len(sink.beats) == len(taught), rest=5)
    assert sink.beats == [
        {"label": label, "taught": sum(bit << index for index, bit in enumerate(bits))}
        for label, bits in zip(labels, taught, strict=True)
    ]


def test_nothing_before_all_have_spoken(bench, clocked):
    dut = Verdicts(3, 2)
    b = bench(clocked(dut))
    b.source(dut.last, [{"label": 2, "taught": 1}])
    sink = b.sink(dut.predictions)
    b.run(50)
    assert sink.beats == []
