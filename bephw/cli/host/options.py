"""Arguments that the commands of `bephw host` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bephw.settings import Settings

__all__ = ["baud_option", "port_option", "with_baud"]

port_option = click.option(
    "--port", "url", required=True, metavar="URL", help="Device, or any URL of pyserial's, that the board is at."
)
baud_option = click.option(
    "--baud", type=click.IntRange(min=1), metavar="BITS", help="Bits a second, instead of the settings'."
)


def with_baud(settings: Settings, baud: int | None) -> Settings:
    """The settings with another rate, if there is to be one."""
    given: dict[str, Any] = {} if baud is None else {"board.baud": baud}
    return settings.replace(given) if given else settings
