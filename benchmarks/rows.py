"""What the benchmarks measured, as rows with their goals: one for each figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["Row", "rows_of"]

ARRAY = "python benchmarks/array_area.py --lanes 64 256"
BASELINE = "OMP_NUM_THREADS=1 python benchmarks/baseline_speed.py"
FMAX = "python benchmarks/fmax.py"
GOLDEN = "OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/golden_speed.py"
INFERENCE = "python benchmarks/inference.py"
SIMULATION = "python benchmarks/simulation_speed.py"

FASHION, DIGITS = [784, 255, 255, 10], [192, 63, 63, 10]
WIDE = 4000  # lanes; from here on the goals are those of several samples at a time
GENERATION_GOALS = {"784-1024-1024-10": (10, None), "784-255-255-10": (15, 5)}  # seconds
UNROLLED_MHZ = {"64-15-10": (250, 250), "192-63-63-10": (200, 200), "784-64-64-64-10": (100, 100)}
ARRAY_GOALS = {"xc7": (1.9, 1.3)}  # else (2.5, 2.0)


@dataclass(frozen=True)
class Row:
    """A figure.

    Attributes:
        section, subject, quantity: where it stands in docs/benchmarks.md; lines there are subjects, columns quantities.
        name: in docs/benchmarks.json.
        value: None where there is none; the name says why.
        unit: of the value; may be empty.
        command: that measures it.
        minimum, aim: the goals, where there are some.
        lower: less is better, so that the minimum is the most that it may be.
        state: "fresh" or "trained", or empty where that changes nothing.
        commit: at which it was measured, as far as that is known.
    """

    section: str
    subject: str
    quantity: str
    name: str
    value: float | None
    unit: str
    command: str
    minimum: float | None = None
    aim: float | None = None
    lower: bool = False
    state: str = ""
    commit: str = ""

    @property
    def missed(self) -> bool:
        """Whether it falls short of the minimum."""
        if self.minimum is None:
            return False
        return self.value is None or (abs(self.value) > self.minimum if self.lower else self.value < self.minimum)

    def as_json(self) -> dict[str, Any]:
        """Its entry in docs/benchmarks.json."""
        return {
            "row": self.name,
            "value": None if self.value is None else round(self.value, 3),
            "unit": self.unit,
            "minimum": self.minimum,
            "aim": self.aim,
            "command": self.command,
            "commit": self.commit,
        }


def rows_of(found: dict[str, Any]) -> list[Row]:
    """All rows of the files `found`, by name without the ending. A missing file leaves its rows out."""
    simulated = [case for name in sorted(found) if name.startswith("cycles") for case in found[name]]
    return [
        replace(row, commit=_commit(found[name]))
        for prefix, rows_of_file in SOURCES.items()
        for name in sorted(found)
        if name.startswith(prefix)
        for row in rows_of_file(found[name], simulated)
    ]


def _commit(found: Any) -> str:
    """Where a file's figures are from."""
    return (found[0] if isinstance(found, list) else found).get("commit", "")


def network(sizes: list[int]) -> str:
    """As people write it: 784-255-255-10."""
    return "-".join(map(str, sizes))


def _cycles(found: Any, _: Any) -> Iterator[Row]:
    """Efficiency, cost of learning and error of the cycle model."""
    for case in found:
        subject = f"{network(case['sizes'])}, {case['lanes']} lanes, batches of {case['batch']}"
        efficiency, ratio = (0.7, 0.9), (1.25, 1.05)
        if case["lanes"] >= WIDE and case["batch"] >= 100:
            efficiency, ratio = (0.9, 0.95), (1.05, 1.02)
        figures = (
            ("efficiency while training", case["efficiency"], "", *efficiency, False),
            ("training / inference cycles", case["simulated"] / case["inference"], "", *ratio, True),
            ("cycle model against simulation", 100 * case["error"], "%", 2, None, True),
        )
        for quantity, value, unit, minimum, aim, lower in figures:
            name = f"{quantity}: {subject}, {case['state']}"
            yield Row(
                *("Training: cycles", subject, quantity, name, value, unit, case["command"]),
                *(minimum, aim, lower, case["state"]),
            )


LUTS_A_LANE = "LUT4 a lane, carry and LUT RAM included"


def _luts_a_lane(lanes: int) -> tuple[float, ...]:
    """Goals; fewer lanes share the control logic."""
    return (4.5, 3.5) if lanes >= WIDE else (6, 4) if lanes >= 1000 else ()


def _fmax(found: Any, simulated: Any) -> Iterator[Row]:
    """A trainer alone; where the same network and lanes were simulated, also its speed."""
    parts, batch = found["settings"]["network"], found["settings"]["learning"]["batch"]
    sizes, lanes, command = [*parts["sizes"], parts["classes"]], found["lanes"], found.get("command", FMAX)
    place = f"{lanes} lanes, {found['device']}"
    subject = f"{network(sizes)}, {place}"
    section, named, wide = "Training: clock and area", f"trainer, {subject}", lanes >= WIDE
    goals = (110, 140) if wide else (100, 160)
    yield Row(section, subject, "Fmax", f"Fmax, {named}", found["fmax_mhz"], "MHz", command, *goals)
    quantity, value, goals = LUTS_A_LANE, found["luts"] / lanes, _luts_a_lane(lanes)
    yield Row(section, subject, quantity, f"{quantity}, {named}", value, "LUT4", command, *goals, lower=True)
    goals = ()
    if sizes == FASHION:
        goals = (2_000_000, 4_000_000) if wide else (400_000, 2_000_000)
    elif sizes == DIGITS and batch >= 100 and lanes == _most_lanes(simulated, sizes):
        goals = (8_000_000, 15_000_000)
    for case in simulated:
        if (case["sizes"], case["lanes"], case["batch"]) == (sizes, lanes, batch):
            where = f"{place}, {found['fmax_mhz']:.0f} MHz, batches of {batch}"
            yield _speed(sizes, where, subject, found, case, f"{command}; {case['command']}", goals)


def _most_lanes(simulated: Any, sizes: list[int]) -> int:
    """Of a network's cases: a goal that may be met with any number of lanes is that of the most."""
    return max((case["lanes"] for case in simulated if case["sizes"] == sizes), default=0)


@dataclass(frozen=True)
class _Board:
    """A whole board that is built.

    Attributes:
        name: of its row.
        example: file in examples/.
        case: of cases.py, the folding of that example.
        fmax: goals of its clock.
        speed: goals of its samples a second.
        place: its name among those of samples a second.
    """

    name: str
    example: str
    case: str
    fmax: tuple[float, float]
    speed: tuple[float, float]
    place: str


BOARDS = {
    "icebreaker": _Board(
        *("digits on iCEBreaker (UP5K), board", "digits", "digits, iCEBreaker"),
        *((24, 36), (65_500, 150_000), "iCEBreaker (UP5K)"),
    ),
    "ulx3s-85f": _Board(
        *("784-255-255-10 on ULX3S-85F, board", "fashion_samples", "fashion, four samples"),
        *((70, 140), (1_500_000, 4_000_000), "ULX3S-85F, with its link to a host"),
    ),
}


def _build(found: Any, simulated: Any) -> Iterator[Row]:
    """A whole board."""
    name = found["board"]
    board, clock = BOARDS[name], found["fmax_mhz"]
    command = f"bephw build --board {name} examples/{board.example}.toml"
    section = "Training: clock and area"
    yield Row(section, board.name, "Fmax", f"Fmax, {board.name}", clock, "MHz", command, *board.fmax)
    lanes = next((case["lanes"] for case in simulated if case["case"] == board.case), None)
    if lanes:  # with the link to a host
        value, goals = found["luts"] / lanes, _luts_a_lane(lanes)
        name = f"{LUTS_A_LANE}, {board.name}"
        yield Row(section, board.name, LUTS_A_LANE, name, value, "LUT4", command, *goals, lower=True)
    for case in simulated:
        if case["case"] == board.case:
            where = f"{case['lanes']} lanes, {board.place}, {clock:.1f} MHz, batches of {case['batch']}"
            subject, both = board.name.removesuffix(", board"), f"{command}; {case['command']}"
            yield _speed(case["sizes"], where, subject, found, case, both, board.speed)


def _speed(sizes: list[int], where: str, subject: str, built: Any, case: Any, command: str, goals: Any) -> Row:
    """Samples a second of hardware: clock over cycles."""
    name = f"training samples a second, {subject}, {case['state']}"
    value = 1e6 * built["fmax_mhz"] / case["simulated"]
    return Row(SPEED, network(sizes), where, name, value, "1/s", command, *goals, state=case["state"])


def _baseline(found: Any, _: Any) -> Iterator[Row]:
    """Training on one core of a CPU: the golden model beside PyTorch."""
    for contestant, figures in found["contestants"].items():
        where = f"CPU, one core: {contestant}"
        name = f"training samples a second, {found['network']}, {where}"
        value = figures["median_samples_per_cpu_second"]
        yield Row(SPEED, found["network"], where, name, value, "1/s", found["command"])


def _golden(found: Any, _: Any) -> Iterator[Row]:
    """The golden model by itself."""
    where = "CPU, one core: golden model by itself"
    name = f"training samples a second, {found['network']}, {where}"
    yield Row(SPEED, found["network"], where, name, found["median_samples_per_cpu_second"], "1/s", GOLDEN)


def _array(found: Any, _: Any) -> Iterator[Row]:
    """Area of the array alone."""
    for case in found["rows"]:
        unit, quantity = "LUT6" if case["family"] == "xc7" else "LUT4", f"N = {case['lanes']}"
        name, goals = f"XNOR-popcount array, {case['family']}, {quantity}", ARRAY_GOALS.get(case["family"], (2.5, 2.0))
        subject, value = f"{case['family']}, {unit} a lane", case["luts_per_lane"]
        yield Row("XNOR-popcount array", subject, quantity, name, value, f"{unit} a lane", ARRAY, *goals, lower=True)


def _inference(found: Any, _: Any) -> Iterator[Row]:
    """Speed of both generators."""
    for case in found["rows"]:
        unrolled, command = case["kind"] != "folded", case.get("command", INFERENCE)
        subject = f"{case['kind']}, {network(case['sizes'])}" + ("" if unrolled else f", {case['lanes']} lanes")
        part = case.get("part", "ecp5")
        section, name = "Inference alone", f"inference, {subject}"
        interval, clock = "initiation interval", "Fmax, ECP5-6" if part == "ecp5" else f"Fmax, {part}"
        goals = (1, 1) if unrolled else (None, None)
        value = case["interval_cycles"]
        yield Row(section, subject, interval, f"{name}: {interval}", value, "cycles", command, *goals, lower=True)
        goals = UNROLLED_MHZ.get(network(case["sizes"]), (150, 150)) if unrolled else ()
        if "failed" in case:
            why = f"{name}: {clock} (none: {case['failed']})"
            yield Row(section, subject, clock, why, None, "MHz", command, *goals)
            continue
        yield Row(section, subject, clock, f"{name}: {clock}", case["fmax_mhz"], "MHz", command, *goals)
        speed = "samples a second"
        yield Row(section, subject, speed, f"{name}: {speed}", case["samples_a_second"], "1/s", command)
        for quantity, value, unit in (
            ("LUT4", case["luts"], ""),
            ("block RAMs", case["brams"], ""),
            ("latency", case["latency_ns"], "ns"),
            ("accuracy", 100 * case["accuracy"], "%"),
        ):
            yield Row(section, subject, quantity, f"{name}: {quantity}", value, unit, command)


def _programs(found: Any, _: Any) -> Iterator[Row]:
    """BEP, BEP-TT and LBES beside each other; the goals are those of batches of 20."""
    recurrent, name = found["steps"] > 1, found["program"].upper()
    subject = f"{name}, {network(found['sizes'])}, {found['lanes']} lanes, {found['device']}"
    if recurrent:
        subject += f", {found['steps']} steps"
    command, named = found["command"], f"programs: {subject}"

    def row(quantity: str, value: float, unit: str, state: str = "", **goals: Any) -> Row:
        label = f"{named}: {quantity}" + (f", {state}" if state else "")
        return Row(PROGRAMS, subject, quantity, label, value, unit, command, state=state, **goals)

    yield row("LUT4", found["luts"], "")
    yield row("block RAMs", found["brams"], "")
    yield row("single-port RAMs", found["sprams"], "")
    yield row("Fmax", found["fmax_mhz"], "MHz")
    for batch, states in found["cycles"].items():
        for state, case in states.items():
            of, small = f"batches of {batch}", batch == "20"
            yield row(f"cycles a sample or step, {of}", case["cycles"], "", state)
            least = {"minimum": 0.7, "aim": 0.9} if small and recurrent else {}
            yield row(f"efficiency of layer 0, {of}", case["efficiency"], "", state, **least)
            most = {"minimum": 1.1, "lower": True} if found["program"] == "lbes" else {}
            yield row(f"training / inference cycles, {of}", case["cycles"] / case["inference"], "", state, **most)
            speed = 1e6 * found["fmax_mhz"] / case["cycles"] / found["steps"]
            yield row(f"samples a second, {of}", speed, "", state)


def _generation(found: Any, _: Any) -> Iterator[Row]:
    """Processor time to Verilog."""
    subject = f"Verilog of {found['network']}, {found['lanes']} lanes"
    goals = GENERATION_GOALS.get(found["network"], ())
    yield Row(TOOLS, subject, MEASURED, subject, found["seconds"], "s", found["command"], *goals, lower=True)


def _simulation(found: Any, _: Any) -> Iterator[Row]:
    """Clock cycles a second in Verilator."""
    for case in found["rows"]:
        subject = f"simulation, {found['lanes']} lanes, {case['way']}"
        yield Row(TOOLS, subject, MEASURED, subject, case["cycles_per_second"], "cycles/s", SIMULATION)


SPEED, TOOLS, MEASURED = "Training: samples a second", "Tools", "measured"
PROGRAMS = "One engine, three programs"
# By how the files' names begin, in the order of the rows.
SOURCES: dict[str, Callable[[Any, Any], Iterator[Row]]] = {
    "cycles": _cycles,
    "array": _array,
    "inference": _inference,
    "programs": _programs,
    "generation": _generation,
    "simulation": _simulation,
    "baseline": _baseline,
    "golden": _golden,
    "build": _build,
    "fmax": _fmax,
}
