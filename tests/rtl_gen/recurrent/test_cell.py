"""A cell's outputs after the last step, whatever it is told (how it learns: tests/sim/test_rtl_random.py)."""

from dataclasses import replace

import numpy as np
import pytest

from bephw.golden.initial import initial_state
from bephw.rtl_gen.programs.parts import Parts
from bephw.rtl_gen.recurrent.cell import Cell
from bephw.rtl_gen.recurrent.step_channel import samples_together, state_beats
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.settings import Settings
from bephw.shape import LayerShape

SAMPLES = 9


def cell_settings(inputs, states, rows, columns, most, **hardware):
    return Settings.build(
        network={"sizes": [inputs, states, 3], "classes": 3},
        learning={"algorithm": "bep-tt", "gamma": [states, 1]},
        hardware={"rows": [rows, 1, 1], "columns": [columns, 1, 1], **hardware},
        data={"steps": most},
    )


def last_state(weights, series):
    """Section 4: the state after all steps, of weights (states, inputs + states) and bits (steps, inputs)."""
    state = np.ones(len(weights), int)
    for step in series:
        z = (2 * weights - 1) @ (2 * np.concatenate([step, state]) - 1)
        state = (z >= 0).astype(int)
    return state.tolist()


class Setup:
    """Random samples that teach nothing, or lessons that teach, through a cell whose planes have been swapped once."""

    def __init__(self, bench, settings, steps, *, teach=0, stall=0.0):
        shape, width = settings.shapes[0], settings.hardware.stream_width
        self.state = initial_state(settings)
        arriving = stream_beats(settings.network.sizes[0], width)
        dut = Parts(settings, self.state).layer(0, arriving, lesson_width=3, kind=Cell)
        self.bench = b = bench(dut, seed=steps)
        b.set(dut.steps, steps)
        b.set(dut.gate, shape.inputs)
        generator = np.random.default_rng(steps)
        self.x = generator.integers(0, 2, (SAMPLES, steps, settings.network.sizes[0]))
        beats = [
            [
                {
                    "data": int(sum(int(step[k]) << lane for lane, k in enumerate(beat))),
                    "last": beat.stop == len(step),
                    "tag": {"label": number % 3, "learn": 0},
                }
                for beat in stream_beats(len(step), width)
            ]
            for number, series in enumerate(self.x)
            for step in series
        ]
        self.swapped, self.finished, self.rows = 0, 0, 0
        self.source = b.flow_source(dut.inputs[0], beats, when=lambda: self.swapped)
        self.sink = b.flow_sink(dut.outputs[0], stall=stall)
        self.shape, self.sent, self.beats_a_lesson = shape, 0, -(-shape.outputs // 3) if teach else 1
        self.lessons = b.source(dut.lessons[0], self._lessons(teach), when=self._lesson_is_due)
        b.watch([dut.sweeping, dut.settled, dut.done, dut.row_updated], lambda *now: self._act(dut, *now))

    def _act(self, dut, sweeping, settled, done, row):
        self.finished += done
        self.rows += row
        swap = not self.swapped and not sweeping and settled and self.bench.cycle > 3
        self.swapped += swap
        return [(dut.swap, swap)]

    def _lesson_is_due(self):
        return self.sink.complete * self.beats_a_lesson > self.sent

    def _lessons(self, teach):
        """A beat that teaches nothing, or desired bits at random."""
        beats = self.beats_a_lesson
        for _ in range(SAMPLES):
            for beat in range(beats):
                data = self.bench.random.getrandbits(3)
                self.sent += 1
                yield {"data": data, "teach": teach, "learn": 0, "last": beat == beats - 1}

    def run(self):
        self.bench.run(lambda: self.finished == SAMPLES, rest=20)
        weights = (self.state.counters[0] >= 0).astype(int)
        found, bits = [], []
        for beat, outputs in zip(self.sink.beats, self.shape.all_beats() * SAMPLES, strict=True):
            bits += [beat["data"] >> place & 1 for place in range(len(outputs))]
            if beat["last"]:
                found.append((bits, beat["tag"]["label"]))
                bits = []
        assert found == [(last_state(weights, series), number % 3) for number, series in enumerate(self.x)]


@pytest.mark.parametrize(
    ("size", "steps"),
    [((5, 4, 2, 3, 4), 4), ((6, 6, 4, 3, 5), 2), ((1, 1, 1, 1, 3), 3), ((4, 7, 7, 11, 3), 1)],
)
@pytest.mark.parametrize("teach", [0, 1])
def test_outputs_after_the_last_step(bench, size, steps, teach):
    """Lessons, which go on from step to step meanwhile, change rows, but nothing that is read before a swap."""
    setup = Setup(bench, cell_settings(*size, slots=3), steps, teach=teach, stall=0.3)
    setup.run()
    assert (setup.rows > 0) == bool(teach)
    assert setup.rows <= SAMPLES * steps, "a winner group a step"


def test_one_slot(bench):
    Setup(bench, cell_settings(5, 4, 2, 3, 3, slots=1), 3).run()


@pytest.mark.parametrize(("inputs", "outputs", "columns"), [(5, 8, 4), (8, 4, 4), (3, 4, 7)])
def test_states_begin_where_the_inputs_end(inputs, outputs, columns):
    shape = LayerShape(0, inputs + outputs, outputs, 3, columns, 1, 2)
    places = [place for beat in state_beats(shape) for place in beat]
    assert places == list(range(inputs % columns, inputs % columns + outputs))


def test_as_many_samples_together_as_hide_the_way_of_a_state():
    short = LayerShape(0, 24, 8, 8, 24, 1, 4, 64)  # a step is a cycle
    long = LayerShape(0, 24, 8, 1, 1, 1, 4, 64)  # 192
    assert samples_together(short, 0) > 5
    assert samples_together(replace(short, slots=3), 0) == 3
    assert samples_together(long, 0) == 2
