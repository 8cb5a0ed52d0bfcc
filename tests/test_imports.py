"""Imports only go down: settings < golden model, hardware < simulation, boards < host < command line.

Read from the syntax trees, imports inside functions included.
"""

import ast
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

# A module imports its own part, and parts in lines above its own; parts of one line do not import each other.
LINES = [
    {"errors", "words"},
    {"shape", "generated", "caches", "limits", "destination", "locks", "texts", "validation"},
    {"files"},
    {"settings"},
    {"rates", "state", "toolchain", "yosys_launcher"},
    {"average", "logic_state", "netlist"},
    {"states"},
    {"golden", "rtl_gen", "data", "report"},
    {"sim", "boards", "vectors", "logic_vectors", "pytorch"},
    {"baselines"},
    {"check", "host", "logic", "virtual", "gnet"},
    {"plan"},
    {"flow"},
    {"accuracy", "demo", "estimator", "exchange"},
    {"cli"},
    {"__main__"},
]
TOP_FOLDERS = ("rtl_gen", "sim", "boards")

# The same inside the hardware, a room or a file of `rtl_gen` each, as docs/architecture.md shows them.
FLOORS = [
    {"parts", "waivers"},
    {"popcount", "registers", "samples", "conversion"},
    {"forward", "shared_counts"},
    {"weights"},
    {"backward", "classifier"},
    {"learning_layer"},
    {"layer", "recurrent", "inference", "supported"},
    {"logic", "programs"},
    {"designs", "trainer"},
    {"buses"},
    {"verilog"},
]


def _files():
    """(part, path) of every module of the package, the top-level folders under the names they have once installed."""
    for path in sorted((REPOSITORY / "bephw").rglob("*.py")):
        first = path.relative_to(REPOSITORY / "bephw").parts[0]
        part = first.removesuffix(".py")
        if part != "__init__":
            yield part, path
    for folder in TOP_FOLDERS:
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            yield folder, path


def _imported(path):
    """Full names of what a module imports of bephw, packages and names within modules as they come."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write the full name"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            words = name.split(".")
            assert words[0] not in TOP_FOLDERS, f"{path}: {name} is bephw.{name} once installed"
            if words[0] == "bephw" and len(words) > 1 and words[1] != "__version__":
                yield name


def _imported_parts(path):
    return {name.split(".")[1] for name in _imported(path)}


def _module(path):
    """Its full name once installed."""
    words = path.relative_to(REPOSITORY).with_suffix("").parts
    words = words if words[0] == "bephw" else ("bephw", *words)
    return ".".join(words[:-1] if words[-1] == "__init__" else words)


FILES = list(_files())
LINE_OF = {part: number for number, line in enumerate(LINES) for part in line}


def test_every_part_has_its_line():
    assert {part for part, _ in FILES} <= set(LINE_OF), "a new part of the package needs a line in this test"


@pytest.mark.parametrize(("part", "path"), FILES, ids=[str(path.relative_to(REPOSITORY)) for _, path in FILES])
def test_imports_go_down(part, path):
    for imported in _imported_parts(path):
        if imported != part:
            assert LINE_OF[imported] < LINE_OF[part], f"{path} imports bephw.{imported}"


def test_there_are_no_circles():
    modules = {_module(path): path for _, path in FILES}
    graph = {}
    for module, path in modules.items():
        found = {name if name in modules else name.rpartition(".")[0] for name in _imported(path)}
        graph[module] = (found & set(modules)) - {module}
    assert sum(map(len, graph.values())) > 1000
    TopologicalSorter(graph).prepare()  # CycleError names the modules of a circle


def test_rooms_of_the_hardware_import_downward():
    floor_of = {room: number for number, floor in enumerate(FLOORS) for room in floor}
    used = set()
    for part, path in FILES:
        own = path.relative_to(REPOSITORY).with_suffix("").parts
        if part != "rtl_gen" or own == ("rtl_gen", "__init__"):
            continue
        for name in _imported(path):
            words = name.split(".")
            if words[1] == "rtl_gen" and words[2] != own[1]:
                assert floor_of[words[2]] < floor_of[own[1]], f"{path} imports {name}"
        used.add(own[1])
    assert used == set(floor_of)


@pytest.mark.parametrize(("part", "other"), [("golden", "rtl_gen"), ("rtl_gen", "golden")])
def test_model_and_hardware_do_not_know_each_other(part, other):
    for own, path in FILES:
        if own == part:
            assert other not in _imported_parts(path), f"{path} imports bephw.{other}"


def test_only_hardware_descriptions_are_free_of_type_checks():
    """The modules whose errors mypy ignores are those that describe hardware, and no other."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    ignored = set()
    for override in project["tool"]["mypy"]["overrides"]:
        if override.get("ignore_errors"):
            ignored |= set(override["module"])
    describing = {
        _module(path)
        for part, path in FILES
        if part not in ("rtl_gen", "cli") and "from amaranth.hdl import *" in path.read_text(encoding="utf-8")
    }
    assert ignored == describing | {"bephw.rtl_gen.*"}
