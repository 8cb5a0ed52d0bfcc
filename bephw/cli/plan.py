"""`bephw plan`: which folding, memories and clock suit a board."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bephw.cli.options import (
    PATH,
    check_outputs,
    inference_option,
    json_option,
    read_settings,
    settings_argument,
    tells_of_compiling,
)
from bephw.cli.terminal import percent, print_table, warn
from bephw.errors import check
from bephw.files import write_bytes, write_json, write_text
from bephw.limits import MOST_BATCHES, MOST_EPOCHS

if TYPE_CHECKING:
    from bephw.plan.activity import Activity, Sparsity
    from bephw.plan.bounds import Bound
    from bephw.plan.planner import Plan
    from bephw.settings import Settings
    from bephw.shape import LayerShape

    Needed = dict[str, dict[str, Bound]]  # by the network's state, then by the trainer's part

__all__ = ["plan"]


@click.command()
@settings_argument
@click.option("--board", "board_name", help="Board to plan for, instead of the settings'.")
@click.option("--samples-per-second", type=float, metavar="N", help="The smallest design that trains on so many.")
@click.option("--maximise", type=click.Choice(["speed"]), help="The fastest design that fits (the default).")
@click.option("--minimise", type=click.Choice(["area"]), help="The smallest design.")
@click.option("--as-it-is", is_flag=True, help="Choose nothing: predict what the settings' own folding comes to.")
@click.option("--epochs", default=1, show_default=True, help="Epochs until the network counts as trained.")
@click.option("--batches", default=5, show_default=True, help="Batches in which sparsity is measured.")
@click.option("--assume", is_flag=True, help="Plan without data: assume the sparsity instead of measuring it.")
@click.option("-o", "--output", "output_path", type=PATH, help="Write the settings with the plan to this TOML file.")
@inference_option("Plan nothing: what can be said before synthesis of inference alone, with the network of --state.")
@click.option("--state", "state_path", type=PATH, help="State file (.npz) for --inference.")
@click.option("--picture", "picture_path", type=PATH, help="Draw how busy each part is (.svg or .png).")
@json_option
@tells_of_compiling
def plan(
    settings_path: Path,
    changes: tuple[str, ...],
    board_name: str | None,
    samples_per_second: float | None,
    maximise: str | None,
    minimise: str | None,
    as_it_is: bool,
    epochs: int,
    batches: int,
    assume: bool,
    output_path: Path | None,
    inference: str | None,
    state_path: Path | None,
    picture_path: Path | None,
    json_path: Path | None,
) -> None:
    """Choose folding, memories and clock of SETTINGS for a board, and predict cycles, area and clock.

    Sparsity, on which the cycles depend, is measured with the golden model on the settings' data, from a fresh and
    from a trained state; with --assume no data are needed.
    """
    from bephw.boards.catalogue import board_for
    from bephw.flow.doubts import hardware_doubts
    from bephw.plan.planner import evaluate, figures, make_plan, unchosen

    aims = {"--samples-per-second": samples_per_second, "--maximise": maximise, "--minimise": minimise}
    given = [name for name, value in aims.items() if value is not None] + ["--as-it-is"] * as_it_is
    check(len(given) <= 1, f"{' and '.join(given)} contradict each other: give one")
    _check_numbers(samples_per_second, batches, epochs)
    suffix = picture_path.suffix if picture_path else ".svg"
    check(suffix in (".svg", ".png"), f"picture: must end in .svg or .png, not {suffix!r}")
    settings = read_settings(settings_path, changes)
    if board_name:
        settings = settings.replace({"board.name": board_name})
    check((inference is None) == (state_path is None), "--inference and --state must be given together")
    if inference is not None and state_path is not None:
        others = {**aims, "--output": output_path, "--picture": picture_path, "--as-it-is": as_it_is or None}
        unused = [name for name, value in others.items() if value is not None]
        check(
            not unused, f"{' and '.join(unused)} {'is' if len(unused) == 1 else 'are'} of trainers, not of --inference"
        )
        check_outputs({"--json": json_path}, {"SETTINGS": settings_path, "--state": state_path})
        _plan_inference(settings, state_path, inference, json_path)
        return
    target = board_for(settings)
    check_outputs(
        {"--output": output_path, "--picture": picture_path, "--json": json_path}, {"SETTINGS": settings_path}
    )
    settings, activities = _activities(settings if as_it_is else unchosen(settings), epochs, batches, assume)
    warn(hardware_doubts(settings))
    made = (
        evaluate(settings.replace({"board.clock_mhz": None}), target, activities)
        if as_it_is
        else make_plan(
            settings,
            target,
            activities,
            samples_per_second=samples_per_second,
            objective="area" if minimise else "speed",
        )
    )
    write_json(json_path, figures(made))
    if output_path:
        write_text(output_path, _toml(made.settings))
    if picture_path:
        _draw(made, picture_path)
    _print(made)


def _check_numbers(samples_per_second: float | None, batches: int, epochs: int) -> None:
    check(
        samples_per_second is None or samples_per_second > 0,
        f"samples-per-second: must be above 0, not {samples_per_second}",
    )
    for name, value, most in (("batches", batches, MOST_BATCHES), ("epochs", epochs, MOST_EPOCHS)):
        check(value >= 1, f"{name}: must be at least 1, not {value}")
        check(value <= most, f"{name}: must be at most {most}, not {value}")


def _draw(made: Plan, path: Path) -> None:
    """How busy each part of the trained network's trainer is."""
    from bephw.report.pictures import cycle_bars, picture_bytes

    cycles = made.cycles["trained"]
    bars = {part.replace("_", " "): count / cycles.samples for part, count in cycles.busy.items()}
    write_bytes(path, picture_bytes(cycle_bars(bars), path.suffix))


def _plan_inference(settings: Settings, state_path: Path, style: str, json_path: Path | None) -> None:
    """What is known of inference alone."""
    from bephw.flow.inputs import with_known_inputs
    from bephw.plan.inference import plan_inference
    from bephw.states import load_state

    settings = with_known_inputs(settings, state_path)
    made = plan_inference(settings, load_state(state_path, settings), style)
    dumped = {"command": "plan", "settings": settings.model_dump(mode="json"), "inference": style}
    write_json(json_path, {**dumped, **made.figures()})
    rows: list[tuple[object, ...]] = [
        ("sample stream", f"{made.words} x {made.word_width} bits"),
        ("cycles until the prediction", made.latency),
        ("cycles between samples", f"{made.interval:g}"),
        (f"samples a second at {made.clock_mhz:g} MHz", f"{made.samples_per_second:,.0f}"),
    ]
    if made.sum_tables is not None:
        rows.append(("LUT4 of the sums, estimated", f"{made.sum_tables:,}"))
    if made.gates is not None:
        gates = made.gates
        rows += [
            ("gates", f"{gates.left} of {gates.learnt}, in {gates.levels} levels"),
            ("registers behind gates", gates.registers),
            ("outputs that count for a class", gates.counted),
        ]
    print_table((style, ""), rows)


def _activities(settings: Settings, epochs: int, batches: int, assume: bool) -> tuple[Settings, dict[str, Activity]]:
    """What samples do in a fresh and in a trained network; and the settings, their inputs known."""
    from bephw.flow.hardware import check_hardware

    samples = batches * settings.learning.batch
    if assume:
        from bephw.flow.inputs import with_known_inputs
        from bephw.plan.activity import assumed

        settings = with_known_inputs(settings, takes_state=False)
        check_hardware(settings)
        return settings, {state: assumed(settings, state).activity(settings, samples) for state in ("fresh", "trained")}
    from bephw.flow.learning import prepare
    from bephw.plan.measuring import measure_states

    settings, dataset = prepare(settings)
    check_hardware(settings)
    return settings, measure_states(settings, dataset, samples, epochs)


def _toml(settings: Settings) -> str:
    import tomli_w

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(entry) for key, entry in value.items() if entry is not None}
        return [plain(entry) for entry in value] if isinstance(value, (list, tuple)) else value

    return "# Chosen by `bephw plan`.\n\n" + tomli_w.dumps(plain(settings.model_dump(exclude_unset=True)))


def _print(made: Plan) -> None:
    """Layers; what bounds the design; what it takes and what it does."""
    from bephw.plan.bounds import bounds

    needed = {
        state: {row.part: row for row in bounds(made.settings, made.activities[state], cycles)}
        for state, cycles in made.cycles.items()
    }
    _print_layers(made.settings, needed)
    _print_bounds(needed)
    _print_prediction(made)


def _print_layers(settings: Settings, needed: Needed) -> None:
    from bephw.rtl_gen.registers.map import per_classifier

    def each(part: str) -> str:
        return " / ".join(f"{needed[state][part].cycles:.1f}" for state in needed)

    rows: list[tuple[object, ...]] = []
    for shape in settings.shapes:
        index = shape.index
        rows.append(
            (
                f"layer {index}: {_matrix(shape)}",
                f"{shape.rows} x {shape.columns}",
                shape.lanes,
                f"{shape.update_columns} ({'single-port RAM' if settings.single_ports[index] else 'block RAM'})",
                each(f"forward_{index}") if shape.samples > 1 else (shape.steps or 1) * shape.forward_cycles,
                each(f"winner_{index}"),
                each(f"counters_{index}"),
                each(f"credit_{index}") if shape in settings.gated_shapes else "-",
            )
        )
    shapes = settings.classifier_shapes
    arrays = [*(f"classifier_{shape.index}" for shape in shapes[:-1]), f"forward_{settings.network.layers}"]
    names, lessons = per_classifier("classifier", len(shapes)), per_classifier("lessons", len(shapes))
    for name, shape, array, lesson in zip(names, shapes, arrays, lessons, strict=True):
        rows.append(
            (
                f"{name.replace('_', ' ')}: {shape.inputs} x {shape.outputs}",
                f"{shape.rows} x {shape.columns}",
                shape.rows * shape.columns,
                "-",
                f"{needed[next(iter(needed))][array].cycles:.0f}",
                "-",
                "-",
                each(lesson),
            )
        )
    print_table(
        ("", "rows x columns", "lanes", "counters a word", "forward", "search", "update", "credit"),
        rows,
        title=f"cycles a sample, {' / '.join(needed)}",
    )


def _matrix(shape: LayerShape) -> str:
    return f"{shape.inputs} x {shape.outputs}" + (f", {shape.steps} steps" if shape.steps else "")


def _print_bounds(needed: Needed) -> None:
    order = list([*needed.values()][-1].values())
    print_table(
        ("", "what", *(f"cycles, {state}" for state in needed), *(f"busy, {state}" for state in needed)),
        [
            (
                "bound" if place == 0 else "next" if place == 1 else "",
                row.words,
                *(f"{needed[state][row.part].cycles:.1f}" for state in needed),
                *(percent(needed[state][row.part].share) for state in needed),
            )
            for place, row in enumerate(order)
        ],
        title="what bounds the design, and the next bottleneck",
    )


def _print_prediction(made: Plan) -> None:
    settings, hardware = made.settings, made.settings.hardware
    together = settings.samples[0] if len(set(settings.samples)) == 1 else ", ".join(map(str, settings.samples))
    summary = [
        ("board", f"{made.board.name} ({made.board.device})"),
        ("lanes", settings.lanes),
        ("samples at a time", together),
        ("LUTs", f"{made.luts} of {made.board.luts} ({percent(made.luts / made.board.luts)})"),
        ("block RAMs", f"{made.brams} of {made.board.brams}"),
        ("single-port RAMs", f"{made.sprams} of {made.board.sprams}"),
        ("clock", f"{made.clock_mhz:g} MHz, of {made.area.fmax_mhz:g} MHz predicted"),
        ("sample stream, slots", f"{hardware.stream_width} bits a word, {hardware.slots}"),
        ("sample memory, renewal", f"{hardware.sample_memory}, {hardware.renewal}"),
        ("registers on wires", hardware.wire_registers),
        ("cycles a sample", _states(made, lambda state: f"{made.cycles[state].per_sample:.1f}")),
        ("... classification only", f"{made.inference:.1f}"),
        ("samples that teach", _states(made, lambda state: _teaching(made.activities[state].summary()))),
        ("training samples a second", _states(made, lambda state: f"{made.samples_per_second(state):,.0f}")),
        ("efficiency", _states(made, lambda state: percent(made.efficiency(state)))),
    ]
    print_table(("predicted", " / ".join(made.cycles)), summary)


def _teaching(sparsity: Sparsity) -> str:
    """The share, or the share of every layer that has its own."""
    shares = sparsity.teaching if isinstance(sparsity.teaching, tuple) else (sparsity.teaching,)
    return ", ".join(percent(share) for share in shares)


def _states(made: Plan, text: Any) -> str:
    return " / ".join(text(state) for state in made.cycles)
