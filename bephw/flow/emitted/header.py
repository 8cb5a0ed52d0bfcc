"""The comment at the head of the emitted Verilog: where it is from, what it is, how to use it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tomli_w

from bephw.flow.emitted.templates import render
from bephw.rtl_gen.registers.map import per_classifier
from bephw.settings import Settings
from bephw.shape import LayerShape

__all__ = ["header", "network", "origin"]


def origin(settings: Settings, options: Sequence[str], figures: dict[str, Any]) -> str:
    """The lines that say how to make the files again: command, hashes, settings; `options` are those of the command
    beside settings, folder and name."""
    content = settings.model_dump(mode="json", exclude_unset=True)
    given = {part: _without_none(values) for part, values in content.items()}
    return render("origin.v.j2", options=options, toml=tomli_w.dumps(given).splitlines(), **figures)


def header(settings: Settings, manifest: dict[str, Any], origin: str, testbench: bool) -> str:
    """The whole comment; `origin` is its last part."""
    ports = manifest["ports"]
    return render(
        "header.v.j2",
        manifest=manifest,
        settings=settings,
        network=network(settings),
        shapes=_named_shapes(settings, learns="inference" not in manifest),
        name_width=max(len(port["name"]) for port in ports),
        origin=origin,
        testbench=testbench,
    )


def network(settings: Settings) -> str:
    """Its inputs, layers and classes, as "64-32-10"."""
    return "-".join(map(str, (*settings.network.sizes, settings.network.classes)))


def _named_shapes(settings: Settings, *, learns: bool) -> list[tuple[str, LayerShape]]:
    """Every matrix with its name: the layers, and the classifiers, of which inference needs the last one alone."""
    classifiers = settings.classifier_shapes if learns else settings.classifier_shapes[-1:]
    names = per_classifier("classifier", len(classifiers))
    return [
        *((f"layer {shape.index}", shape) for shape in settings.shapes),
        *((name.replace("_", " "), shape) for name, shape in zip(names, classifiers, strict=True)),
    ]


def _without_none(part: Any) -> Any:
    """TOML knows no null."""
    if isinstance(part, dict):
        return {name: _without_none(value) for name, value in part.items() if value is not None}
    return part
