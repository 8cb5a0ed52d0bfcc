"""The `bephw` command group, and what its exit codes mean."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

import click

from bephw import __version__
from bephw.cli.accuracy import accuracy
from bephw.cli.board import board
from bephw.cli.boards import boards
from bephw.cli.build import build
from bephw.cli.check import check
from bephw.cli.demo import demo
from bephw.cli.doctor import doctor
from bephw.cli.emit import emit
from bephw.cli.exchange import export, import_
from bephw.cli.home import usable_home
from bephw.cli.host import host
from bephw.cli.plan import plan
from bephw.cli.predict import predict
from bephw.cli.program import program
from bephw.cli.prove import prove
from bephw.cli.report import report
from bephw.cli.sim import sim
from bephw.cli.train import train
from bephw.cli.tune import tune
from bephw.errors import BephwError

__all__ = ["group", "main"]

BAD_INPUT = 2
STOPPED = 130
FAILED_WRITES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


@click.group(name="bephw", invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="bephw", message="%(prog)s %(version)s")
@click.pass_context
def group(context: click.Context) -> None:
    """Hardware that trains binary neural networks: generate it, simulate it, build a bitstream.

    Exit codes: 0 as expected; 1 something measured is not as it should be (a mismatch, a missed clock);
    2 bad input or a missing tool; 130 stopped from the keyboard.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


_MODEL = (train, predict, accuracy, tune, import_, export)
_HARDWARE = (emit, sim, check, prove, boards, board, plan, build, program, host)
for _command in (doctor, *_MODEL, *_HARDWARE, demo, report):
    group.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (`sys.argv` where None) and return its exit code. Errors are one line on stderr."""
    try:
        with usable_home():
            code = group.main(args=arguments, prog_name="bephw", standalone_mode=False)
        if sys.stdout is not None:  # As where it was closed before.
            sys.stdout.flush()
    except BephwError as error:
        return _fail(str(error))
    except click.ClickException as error:
        return _fail(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        click.echo("bephw: stopped", err=True)
        return STOPPED
    except BrokenPipeError:
        _give_up_stdout()  # The reader went away (`bephw ... | head`).
        return 1
    except MemoryError:
        return _fail("not enough memory for a network of this size")
    except OSError as error:
        return _fail(_told(error))
    return code if isinstance(code, int) else 0


def _told(error: OSError) -> str:
    """A failed write that names no file is one to standard output: all that commands write themselves has a name."""
    if error.filename:
        return f"{error.filename}: {error.strerror}"
    if error.errno in FAILED_WRITES:
        _give_up_stdout()
        return f"standard output: cannot be written: {error.strerror}"
    return str(error)


def _give_up_stdout() -> None:
    """Python must not complain about it again while it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> int:
    click.echo(f"bephw: error: {' '.join(message.split())}", err=True)
    return BAD_INPUT
