"""Numbers as people read them: with units, thousands apart, times in minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["amount", "data_name", "duration", "listed", "network_name", "number", "percent", "plain", "plural", "rate"]

DATA = {
    "digits": "handwritten digits",
    "mnist": "MNIST",
    "fashion_mnist": "FashionMNIST",
    "random_prototypes": "Random Prototypes",
}
PREFIXES = ((1e9, "billion"), (1e6, "million"))


def percent(share: float, digits: int = 1) -> str:
    """`0.9512` as `95.1 %`; never rounded to 100 or 0 where it is not quite that."""
    text = f"{100 * share:.{digits}f}"
    if (share < 1 and float(text) == 100) or (share > 0 and float(text) == 0):
        text = f"{100 * share:.4g}"
    return f"{text}\u00a0%"  # A line does not break before the sign.


def number(value: float, digits: int = 1) -> str:
    """`12345.6` as `12,345.6`; whole numbers without a fraction."""
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.{digits}f}"


def amount(value: float) -> str:
    """A number to read at a glance: `27,113`, `1.25 million`."""
    for size, name in PREFIXES:
        if abs(value) >= size:
            return f"{value / size:.3g} {name}"
    return f"{value:,.0f}" if abs(value) >= 100 else number(value)


def rate(per_second: float) -> str:
    """Samples a second."""
    return f"{amount(per_second)} a second"


def plural(count: float, what: str) -> str:
    """`1 sample`, `2,000 samples`."""
    return f"{number(count)} {what}" if count == 1 else f"{number(count)} {what}s"


def duration(seconds: float) -> str:
    """`4.2 s`, `5 min 42 s`, `3 h 20 min`."""
    if seconds < 10:
        return f"{seconds:.2g} s" if seconds < 1 else f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def network_name(document: Mapping[str, Any]) -> str:
    """Layer sizes and classes, `192-63-63-10`; empty where the settings are not there."""
    network = (document.get("settings") or {}).get("network") or {}
    sizes = [*network.get("sizes", ()), network.get("classes")]
    return "-".join(str(size) for size in sizes if size is not None)


def data_name(document: Mapping[str, Any]) -> str:
    """What was learnt, in words where it is well known; empty where it is not told."""
    name = str((document.get("data") or {}).get("name") or "")
    return DATA.get(name, name)


def plain(value: object) -> str:
    """Any value of a JSON document."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return number(value, 2)
    if isinstance(value, list):
        return ", ".join(map(plain, value))
    return str(value)
