"""The trainer: a program's parts, the sequencer, registers and transfers."""

from amaranth.hdl import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from bephw.rates import first_rates
from bephw.rtl_gen.classifier.unit import prediction_layout
from bephw.rtl_gen.parts.arithmetic import sum_tree
from bephw.rtl_gen.parts.layouts import sample_layout
from bephw.rtl_gen.programs.local import Local
from bephw.rtl_gen.programs.parts import Parts, capacity, overlaps
from bephw.rtl_gen.programs.perceptron import Perceptron
from bephw.rtl_gen.programs.recurrent import Recurrent
from bephw.rtl_gen.registers.csr import CsrSignature, RegisterFile
from bephw.rtl_gen.registers.map import IDENTITY, Command, Transfer, per_classifier, register_map, reset_margins
from bephw.rtl_gen.samples.sequencer import Sequencer, batch_signals
from bephw.rtl_gen.samples.series_length import SeriesLength
from bephw.rtl_gen.supported import check_trainer
from bephw.rtl_gen.weights.transfer import TransferRouter
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["Trainer"]

PROGRAMS = {"bep": Perceptron, "cp+r": Perceptron, "lbes": Local, "bep-tt": Recurrent}


class Trainer(wiring.Component):
    """A binary neural network that learns from a stream of labelled samples, as numerics.md says.

    `samples` in, `predictions` out, both in order; `csr` for control, thresholds and statistics (registers/map.py);
    `load` and `dump` move counters and prototypes. `state`, if given, is the content of the memories at
    configuration and the reset value of the generators; else memories start as zeros. Every other register starts as
    the settings say, and reinforcement rates as those of a first epoch: a trainer that nobody writes to learns as in
    that epoch. With `network.thresholds` the trainer is for inference: neurons compare with the state's thresholds,
    which are fixed, and learning is off at reset and must stay off.

    Throughput and latency: see `Layer` and `Classifier`; the slowest part decides, all others work at the same time
    on other samples.

    Raises `BephwError` as `check_trainer`.
    """

    def __init__(self, settings: Settings, state: NetworkState | None = None) -> None:
        check_trainer(settings, state)
        self._settings = settings
        self._state = state
        self._registers = register_map(settings)
        super().__init__(
            {
                "samples": In(
                    stream.Signature(sample_layout(settings.hardware.stream_width, settings.network.classes))
                ),
                "predictions": Out(
                    stream.Signature(prediction_layout(settings.network.classes, len(settings.classifier_shapes)))
                ),
                "csr": In(CsrSignature()),
                "load": In(stream.Signature(32)),
                "dump": Out(stream.Signature(32)),
            }
        )

    def reset_values(self) -> dict[str, int]:
        """What every register holds after reset, by name."""
        values = dict.fromkeys(self._registers, 0) | {"identity": IDENTITY} | self._stored()
        parts = Parts(self._settings, self._state)
        if self._settings.data.steps is not None:
            values["steps"] = self._settings.data.steps
        for index in range(self._settings.network.layers):
            values |= {f"generator_{index}": parts.seed(index), f"accumulator_{index}": parts.accumulator(index)}
        return values

    def elaborate(self, platform):
        m = Module()
        settings = self._settings
        program = PROGRAMS[settings.learning.algorithm](settings, self._state)
        layers, classifiers = program.layers, program.classifiers
        for index, layer in enumerate(layers):
            m.submodules[f"layer_{index}"] = layer
        for name, classifier in zip(per_classifier("classifier", len(classifiers)), classifiers, strict=True):
            m.submodules[name] = classifier
        m.submodules.sequencer = sequencer = Sequencer(
            settings.network.sizes[0],
            settings.hardware.stream_width,
            settings.network.classes,
            len(layers),
            capacity(settings),
            settings.data.steps,
            lag=settings.learning.lag == 1,
            overlaps=overlaps(settings),
        )
        m.submodules.router = router = TransferRouter([settings.learning.bits] * len(layers) + [1] * len(classifiers))
        m.submodules.registers = registers = RegisterFile(self._registers, self._stored())

        connect(m, flipped(self.samples), sequencer.samples)
        program.connect(m, (sequencer.chunks,), flipped(self.predictions))
        self._connect_transfers(m, router, registers, [*layers, *classifiers])
        self._connect_control(m, registers, sequencer, layers, classifiers)
        self._connect_statistics(m, registers, sequencer, layers, classifiers)
        return m

    # -- parameters -----------------------------------------------------------------------------

    def _stored(self) -> dict[str, int]:
        """Registers that are plain storage, with their values at reset."""
        settings = self._settings
        return {
            "control": int(not settings.network.thresholds),
            "batch": settings.learning.batch,
            **reset_margins(settings),
            **{f"gate_{s.index}": min(settings.G[s.index], s.inputs) for s in settings.gated_shapes},
            **{f"rate_{index}": rate for index, rate in enumerate(first_rates(settings))},
        }

    # -- connections ----------------------------------------------------------------------------

    def _connect_transfers(self, m, router, registers, spaces):
        value = registers.value
        connect(m, flipped(self.load), router.load)
        connect(m, router.dump, flipped(self.dump))
        for index, space in enumerate(spaces):
            connect(m, getattr(router, f"space_{index}"), space.transfer)
        m.d.comb += [
            router.start.eq(registers.transfer_written),
            router.space.eq(value[:16]),
            router.dumping.eq((value & Transfer.DUMP).bool()),
            registers.transfer.eq(0),
        ]

    def _connect_control(self, m, registers, sequencer, layers, classifiers):
        connect(m, flipped(self.csr), registers.csr)
        value, sweeping, settled = registers.value, Signal(init=1), Signal()
        m.d.sync += [
            sweeping.eq(Cat(layer.sweeping for layer in layers).any()),
            settled.eq(Cat(layer.settled for layer in layers).all() & ~m.submodules.router.busy),
        ]
        m.d.comb += [
            registers.identity.eq(IDENTITY),
            registers.command.eq(0),
            registers.status.eq(Cat(sequencer.busy, m.submodules.router.busy)),
            sequencer.learn.eq(registers.control),
            sequencer.batch.eq(registers.batch),
            sequencer.end_batch.eq(registers.command_written & (value & Command.END_BATCH).bool()),
            sequencer.layer_done.eq(Cat(layer.done for layer in layers)),
            sequencer.settled.eq(settled),
            sequencer.sweeping.eq(sweeping),
            *(
                classifier.margin.eq(getattr(registers, name))
                for name, classifier in zip(per_classifier("margin", len(classifiers)), classifiers, strict=True)
            ),
        ]
        if self._settings.data.steps is not None:
            self._connect_steps(m, registers, sequencer, layers[0])
        if overlaps(self._settings):
            # The layers are far away, and the end of a batch may come a cycle later.
            m.d.sync += sequencer.crossed.eq(Cat(layer.crossed for layer in layers))
        for index, layer in enumerate(layers):
            m.d.comb += [
                layer.rate.eq(getattr(registers, f"rate_{index}")),
                layer.set_data.eq(value),
                layer.generator_set.eq(getattr(registers, f"generator_{index}_written")),
                layer.accumulator_set.eq(getattr(registers, f"accumulator_{index}_written")),
                getattr(registers, f"generator_{index}").eq(layer.generator),
                getattr(registers, f"accumulator_{index}").eq(layer.accumulator),
            ]
            for name in batch_signals(lag=self._settings.learning.lag == 1, overlaps=overlaps(self._settings)):
                m.d.comb += getattr(layer, name).eq(getattr(sequencer, name))
            if f"gate_{index}" in self._registers:
                m.d.comb += layer.gate.eq(getattr(registers, f"gate_{index}"))

    def _connect_steps(self, m, registers, sequencer, cell):
        """Samples under way keep the length with which they began."""
        m.submodules.series_length = length = SeriesLength(self._settings.data.steps)
        m.d.comb += [
            length.written.eq(registers.steps_written),
            length.value.eq(registers.value),
            length.idle.eq(sequencer.idle),
            registers.steps.eq(length.following),
            sequencer.hold.eq(length.changing),
            sequencer.steps.eq(length.current),
            cell.steps.eq(length.current),
        ]

    def _connect_statistics(self, m, registers, sequencer, layers, classifiers):
        """Counters that start at zero, and again when software clears them."""
        clear = registers.command_written & (registers.value & Command.CLEAR_STATISTICS).bool()
        predicted = self.predictions.valid & self.predictions.ready
        events = {
            "samples": predicted,
            **{
                name: predicted & taught
                for name, taught in zip(
                    per_classifier("taught", len(classifiers)), self.predictions.payload.taught, strict=True
                )
            },
            "updates": sum_tree([layer.row_updated for layer in layers]),
            "cycles": sequencer.busy,
        }
        if self._settings.hardware.profile:
            events["cycles_batch_end"] = sequencer.ending
            for index, part in enumerate([*layers, classifiers[-1]]):
                events[f"cycles_forward_{index}"] = part.busy_forward
            for index, classifier in enumerate(classifiers[:-1]):
                events[f"cycles_classifier_{index}"] = classifier.busy_forward
            for index, layer in enumerate(layers):
                events[f"cycles_winner_{index}"] = layer.busy_winner
                events[f"cycles_update_{index}"] = layer.busy_update
                events[f"cycles_reinforce_{index}"] = layer.busy_reinforce
                if f"cycles_credit_{index}" in self._registers:
                    events[f"cycles_credit_{index}"] = layer.busy_credit
        for name, event in events.items():
            # The event is registered first: statistics may be a cycle late, not slow.
            count, happened = Signal(32, name=f"count_{name}"), Signal(range(len(layers) + 1), name=f"happened_{name}")
            m.d.sync += [happened.eq(event), count.eq(count + happened)]
            with m.If(clear):
                m.d.sync += count.eq(0)
            m.d.comb += getattr(registers, name).eq(count)
