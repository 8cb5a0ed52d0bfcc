"""Components of which a design has many that are equal: elaborated and emitted once, as one module."""

from __future__ import annotations

import functools
import inspect
import re
from collections import Counter
from collections.abc import Hashable
from typing import Any, TypeVar

from amaranth.back import rtlil
from amaranth.hdl import *
from amaranth.lib import wiring

__all__ = ["Definitions", "emitted_once"]

TOP = "attribute \\top 1\n"
PORT = re.compile(r"^  wire width \d+ (?:input|output) .*\\(\S+)$", re.MULTILINE)

Marked = TypeVar("Marked", bound=type[wiring.Component])


def emitted_once(component: Marked) -> Marked:
    """Marks a class of components: those made with equal arguments become instances of one module where `Definitions`
    are the platform. Everywhere else, in simulation and in synthesis, each is elaborated by itself.

    The arguments must be hashable, or lists of what is, and say all that the component is. It has no clock domain but
    `sync`, does something besides connecting its ports, and is used by its ports alone.
    """
    create, elaborate = component.__init__, component.elaborate
    signature = inspect.signature(create)

    @functools.wraps(create)
    def __init__(self, *arguments, **named):
        bound = signature.bind(None, *arguments, **named)
        bound.apply_defaults()
        values = (tuple(value) if isinstance(value, list) else value for value in bound.arguments.values())
        self._equality = (component, *values)
        create(self, *arguments, **named)

    @functools.wraps(elaborate)
    def elaborate_once(self, platform):
        if isinstance(platform, Definitions) and not platform.defines(self):
            return platform.instance(self, self._equality)
        return elaborate(self, platform)

    component.__init__, component.elaborate = __init__, elaborate_once  # type: ignore[method-assign, assignment]
    return component


class Definitions:
    """The modules of a design's netlist; Amaranth is given them as the platform."""

    def __init__(self) -> None:
        self._design = ""
        self._defined: Any = None  # the component which is elaborated rather than instantiated
        self._modules: dict[Hashable, tuple[str, list[str]]] = {}  # by what makes components equal: name, ports
        self._numbers: Counter[str] = Counter()
        self._texts: list[str] = []

    def netlist(self, component: Elaboratable, name: str) -> str:
        """RTLIL of the whole design, the module of `component` first.

        Modules of components that are `emitted_once` are called after the design and their class, and numbered.
        """
        self._design = name
        return "\n".join([self._convert(component, name), *self._texts])

    def defines(self, component: Elaboratable) -> bool:
        """Whether the module of this component is being made."""
        return component is self._defined

    def instance(self, component: Any, equality: Hashable) -> Instance:
        """An instance, with the component's ports, of the module of all that are equal; the first of them makes it."""
        if equality not in self._modules:
            self._modules[equality] = self._define(component)
        name, ports = self._modules[equality]
        values = {"clk": ClockSignal(), "rst": ResetSignal(allow_reset_less=True)}
        directions = dict.fromkeys(values, "i")
        for path, member, value in component.signature.flatten(component):
            port = "__".join(map(str, path))
            values[port], directions[port] = value, "i" if member.flow == wiring.In else "o"
        return Instance(name, **{f"{directions[port]}_{port}": values[port] for port in ports})

    def _define(self, component):
        kind = type(component).__name__
        name = f"{self._design}.{kind}_{self._numbers[kind]}"
        self._numbers[kind] += 1
        text = self._convert(component, name).replace(TOP, "")
        self._texts.append(text)
        return name, PORT.findall(text[: text.index("\nend\n")])

    def _convert(self, component, name):
        self._defined = component
        return rtlil.convert(component, name=name, platform=self, emit_src=False)
