"""A trainer in Amaranth's simulator: what its own registers would count, and when its layers are done."""

import numpy as np
import pytest
from amaranth.hdl import Cat
from amaranth.sim import Simulator

from bephw.golden.initial import initial_state
from bephw.rtl_gen import trainer as trainer_module
from bephw.rtl_gen.programs.parts import Parts
from bephw.rtl_gen.recurrent.step_channel import samples_together
from bephw.rtl_gen.trainer import Trainer
from bephw.sim.words import stream_words

SETTLING = 600  # idle cycles before the first sample, in which a sweep ends
LONGEST = 50_000  # cycles after which nothing is done any more


@pytest.fixture(scope="session")
def random_samples():
    """`random_samples(settings, count)` gives bits and labels."""

    def draw(settings, count, seed=0):
        random = np.random.default_rng(seed)
        steps = (settings.data.steps,) if settings.recurrent else ()
        x = random.integers(0, 2, (count, *steps, settings.network.sizes[0]), np.uint8)
        return x, random.integers(0, settings.network.classes, count)

    return draw


@pytest.fixture
def simulate(monkeypatch):
    """`simulate(settings, x, y)` gives the cycles in which the trainer was busy, and those of its parts."""

    def run(settings, x, y, *, learn=True):
        layers, sequencers = [], []
        make_layers, make_sequencer = Parts.layers, trainer_module.Sequencer

        def kept(instances, make):
            def made(*arguments, **more):
                result = make(*arguments, **more)
                instances.extend(result if isinstance(result, list) else [result])
                return result

            return made

        monkeypatch.setattr(Parts, "layers", kept(layers, make_layers))
        monkeypatch.setattr(trainer_module, "Sequencer", kept(sequencers, make_sequencer))
        stored = Trainer._stored
        monkeypatch.setattr(Trainer, "_stored", lambda trainer: stored(trainer) | {"control": int(learn)})
        dut = Trainer(settings, initial_state(settings))
        simulator = Simulator(dut)
        (sequencer,) = sequencers
        watched = {"cycles": sequencer.busy, "batch_end": sequencer.ending}
        for index, layer in enumerate(layers):
            for part in ("forward", "winner", "update", "reinforce", "credit"):
                if part != "credit" or settings.shapes[index] in settings.gated_shapes:
                    watched[f"{part}_{index}"] = getattr(layer, f"busy_{part}")
        counts = dict.fromkeys(watched, 0)
        turns = _turns(settings)
        words = list(stream_words(x, y, settings.hardware.stream_width))

        async def bench(context):
            context.set(dut.predictions.ready, 1)
            ticks = idle = 0
            # A cell's turns go on while it is idle: the first sample comes in its first place's turn.
            while idle < SETTLING or ticks % turns:
                await context.tick()
                ticks += 1
                idle = 0 if context.get(sequencer.busy) else idle + 1
            place, done, everything = 0, 0, Cat(*watched.values(), layers[0].done)
            while done < len(x) or context.get(sequencer.busy):
                ticks += 1
                assert ticks < LONGEST, f"stuck: {done} of {len(x)} samples are done"
                context.set(dut.samples.valid, place < len(words))
                context.set(dut.samples.payload.as_value(), words[min(place, len(words) - 1)])
                seen = context.get(everything)
                for position, name in enumerate(watched):
                    counts[name] += seen >> position & 1
                done += seen >> len(watched) & 1
                place += place < len(words) and context.get(dut.samples.ready)
                await context.tick()

        simulator.add_clock(1e-6)
        simulator.add_testbench(bench)
        simulator.run()
        return counts

    return run


def _turns(settings):
    return samples_together(settings.shapes[0], settings.hardware.wire_registers) if settings.recurrent else 1
