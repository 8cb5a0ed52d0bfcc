"""From decisions to lessons."""

import pytest

from bephw.rtl_gen.classifier.teacher import Teacher
from bephw.shape import LayerShape


@pytest.mark.parametrize(("inputs", "columns", "classes"), [(1, 1, 2), (12, 4, 3), (10, 4, 5), (7, 8, 10)])
@pytest.mark.parametrize(("pause", "stall"), [(0.0, 0.0), (0.5, 0.0), (0.2, 0.6)])
def test_lessons(bench, inputs, columns, classes, pause, stall):
    shape = LayerShape(1, inputs, classes, 1, columns, 1)
    dut = Teacher(shape)
    b = bench(dut, seed=inputs)
    words = [[b.random.getrandbits(columns) for _ in range(shape.words)] for _ in range(classes)]
    address = [(0, 0)]  # of the cycle before

    def read(row, word):
        row_before, word_before = address[0]
        address[0] = row, word
        return [(dut.row_data, words[row_before][word_before] if row_before < classes else 0)]

    b.watch([dut.row_class, dut.row_word], read)
    decisions = [
        {
            "prediction": b.random.randrange(classes),
            "teach": b.random.randrange(2),
            "tag": {"label": b.random.randrange(classes), "learn": b.random.randrange(2)},
        }
        for _ in range(20)
    ]
    source, sink = b.source(dut.decisions, decisions, pause), b.sink(dut.lessons, stall)
    expected = []
    for decision in decisions:
        teach, learn = decision["teach"], decision["tag"]["learn"]
        for index in range(shape.words if teach else 1):
            last = int(not teach or index == shape.words - 1)
            data = words[decision["tag"]["label"]][index]
            expected.append({"data": data, "teach": teach, "learn": learn, "last": last})
    b.run(lambda: len(sink.beats) == len(expected), rest=5)
    assert source.exhausted
    for beat, wanted in zip(sink.beats, expected, strict=True):
        assert beat["teach"] or not wanted["teach"]
        assert {**beat, "data": wanted["data"]} == wanted
        assert not wanted["teach"] or beat["data"] == wanted["data"]
    if (pause, stall) == (0.0, 0.0):
        assert sink.cycles == list(range(sink.cycles[0], sink.cycles[0] + len(expected))), "a word a cycle"
