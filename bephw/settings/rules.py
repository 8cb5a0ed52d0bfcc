"""Rules that span several sections."""

from __future__ import annotations

from bephw.generated import columns_fit
from bephw.limits import LARGEST_RATE, LARGEST_SIZE
from bephw.settings.derived import Derived
from bephw.settings.hardware import MOST_SAMPLES, Hardware
from bephw.settings.section import check_length, rule
from bephw.words import counted

__all__ = ["check_rules"]


def check_rules(settings: Derived) -> None:
    """Raises `ValueError` of the first rule that is broken: its message names the field, the rule and the value."""
    _check_algorithm(settings)
    _check_logic(settings)
    _check_series(settings)
    _check_learning(settings)
    if settings.learning.algorithm == "gnet":
        _check_dimensions(settings)
        return  # Folding is that of the embedded network, and is checked with it.
    _check_samples(settings)
    if not settings.open:
        _check_folding(settings)


def _check_algorithm(settings: Derived) -> None:
    """What an algorithm asks of the network."""
    network, algorithm, average = settings.network, settings.learning.algorithm, settings.learning.average
    rule(
        algorithm != "cp+r" or network.layers == 1,
        f"network.sizes must have one layer for learning.algorithm cp+r, not {network.layers}",
    )
    rule(
        algorithm != "bep-tt" or network.layers >= 2,
        f"network.sizes must have a cell and at least one layer after it for bep-tt, not {network.layers} in all",
    )
    rule(
        not settings.in_pytorch or average is None,
        f"learning.average is for binary error propagation: leave it out for {algorithm}, not {average}",
    )
    rule(
        algorithm != "gnet" or not network.thresholds,
        "network.thresholds must be false for learning.algorithm gnet: its network of real numbers has none",
    )
    rule(
        not settings.in_pytorch or not network.scores,
        f"network.scores must be false for learning.algorithm {algorithm}: they are for inference",
    )
    cell_seed = network.generated[0] if network.generated else 0
    rule(
        not (settings.recurrent and cell_seed),
        f"network.generated[0] must be 0 in a recurrent network, whose cell has stored weights, not {cell_seed}",
    )


def _check_logic(settings: Derived) -> None:
    """Of a network of gates: how many gates a class has, and whether there are as many pairs of inputs."""
    network = settings.network
    if settings.learning.algorithm != "logic":
        return
    rule(not network.thresholds, "network.thresholds must be false for learning.algorithm logic, not true")
    gates, classes = network.sizes[-1], network.classes
    rule(
        not classes or gates % classes == 0,
        f"network.sizes[{network.layers}] must be a multiple of network.classes, {classes}, for learning.algorithm "
        f"logic, as many gates for each, not {gates}",
    )
    if settings.logic.connections == "unique":
        for index, (outputs, inputs) in enumerate(settings.matrices):
            pairs = inputs * (inputs - 1) // 2
            rule(
                inputs == 0 or outputs <= pairs,
                f"network.sizes[{index + 1}] must be at most {pairs} with logic.connections unique, the pairs of "
                f"{counted(inputs, 'input')}, not {outputs}",
            )


def _check_series(settings: Derived) -> None:
    """What only recurrent networks have."""
    algorithm = settings.learning.algorithm
    rule(
        settings.data.window is None or algorithm in ("bep-tt", "ste"),
        f"data.window is for recurrent networks: leave it out for learning.algorithm {algorithm}",
    )
    rule(
        settings.data.steps is None or settings.recurrent,
        f"data.steps is for recurrent networks: leave it out for learning.algorithm {algorithm}",
    )


def _check_learning(settings: Derived) -> None:
    """Hyperparameters, layer by layer."""
    layers, learning, memory = settings.network.layers, settings.learning, settings.hardware.counter_memory
    for index, R in enumerate(settings.margins):
        rule(-(2**31) <= R < 2**31, f"learning.R[{index}] must be {-(2**31)} to {2**31 - 1}, not {R}")
    for index, (gamma, outputs) in enumerate(zip(settings.gamma, settings.network.sizes[1:], strict=True)):
        rule(
            1 <= gamma <= outputs and outputs % gamma == 0,
            f"learning.gamma[{index}] must divide the layer's {counted(outputs, 'output')}, not {gamma}",
        )
    for name, values in (("G", settings.G), ("rates", settings.fixed_rates or (0,) * layers)):
        for index, value in enumerate(values):
            rule(0 <= value <= LARGEST_RATE, f"learning.{name}[{index}] must be 0 to {LARGEST_RATE}, not {value}")
    for index, seed in enumerate(learning.generators or ()):
        rule(1 <= seed <= 2**32 - 1, f"learning.generators[{index}] must be a nonzero 32-bit word, not {seed}")
    check_length("learning.generators", learning.generators, layers)
    check_length("hardware.counter_memory", None if isinstance(memory, str) else memory, layers)


def _check_dimensions(settings: Derived) -> None:
    """Of an embedding."""
    for index, size in enumerate(settings.dimensions):
        rule(1 <= size <= LARGEST_SIZE, f"gnet.dimensions[{index}] must be 1 to {LARGEST_SIZE}, not {size}")


def _check_samples(settings: Derived) -> None:
    """How many samples meet a word of weights at once."""
    for index, number in enumerate(settings.samples):
        rule(
            1 <= number <= MOST_SAMPLES,
            f"hardware.samples[{index}] must be 1 to {MOST_SAMPLES}, not {number}",
        )
        rule(
            settings.hardware.slots % number == 0,
            f"hardware.samples[{index}] must divide hardware.slots, {settings.hardware.slots}, not {number}",
        )
        below = settings.samples[index - 1] if index else 1
        rule(
            number % below == 0 or below % number == 0,
            f"hardware.samples[{index}] must divide the {below} of the layer below, or be a multiple, not {number}",
        )


def _check_folding(settings: Derived) -> None:
    """Rows, columns and counters at a time, of layers whose sizes are known."""
    for name, bounds in (("rows", settings.outputs), ("columns", settings.inputs)):
        asked = getattr(settings.hardware, name)
        if asked == Hardware.model_fields[name].default:
            # Clipped to every layer, also where the widest is narrower; and written out in full, by `to_json`,
            # settings that leave it out are read again as the same.
            continue
        if isinstance(asked, int):
            rule(
                1 <= asked <= max(bounds),
                f"hardware.{name} must be 1 to {max(bounds)} (the widest layer), not {asked}",
            )
            continue
        check_length(f"hardware.{name}", asked, len(bounds))
        for index, (value, bound) in enumerate(zip(asked, bounds, strict=True)):
            rule(
                1 <= value <= bound,
                f"hardware.{name}[{index}] must be 1 to {bound} (the layer's size), not {value}",
            )
    for shape in settings.shapes:
        rule(
            1 <= shape.update_columns <= shape.columns and shape.columns % shape.update_columns == 0,
            f"hardware.update_columns[{shape.index}] must divide the layer's {counted(shape.columns, 'column')}, "
            f"not {shape.update_columns}",
        )
    for shape, seed in zip(settings.shapes, settings.network.generated, strict=False):
        rule(
            not seed or columns_fit(shape.columns, shape.inputs),
            f"hardware.columns[{shape.index}] must divide 32, be a multiple of 32, or be as many as the inputs, "
            f"{shape.inputs}, of a layer with generated weights, not {shape.columns}",
        )
