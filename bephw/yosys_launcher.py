"""The `yosys` command line on top of the pyosys wheel, which has the library but no program.

Run as a script, never imported by bephw: it takes the part of Yosys' command line that Amaranth's build plans
and this project use. The library ends its process on the first error, so it runs in a child, and this process
copies what it says to the log file and the terminal. Exit code: that of the child.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys

__all__ = ["main"]

# Scripts go through the "script" front end: the `script` command does not understand quoted file names.
LIBRARY = """
import sys
from pyosys import libyosys
kind, *steps = sys.argv[1:]
if kind == "version":
    print(libyosys.yosys_maybe_version())
    sys.exit()
design = libyosys.Design()
for path in steps[:int(kind)]:
    libyosys.run_frontend(path, "script", design, "")
for command in steps[int(kind):]:
    libyosys.run_pass(command, design)
"""


def main(arguments: list[str] | None = None) -> int:
    """Run scripts (`script.ys`, `-s FILE`) and commands (`-p TEXT`), in Yosys' order: files first."""
    parser = argparse.ArgumentParser(prog="yosys", description=__doc__.splitlines()[0])
    parser.add_argument("-V", "--version", action="store_true", help="print the version")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    parser.add_argument("-Q", action="store_true", help="no banner (there is none)")
    parser.add_argument("-T", action="store_true", help="no footer (there is none)")
    parser.add_argument("-l", "--log", metavar="FILE", help="also write everything to a file")
    parser.add_argument("-s", "--scriptfile", action="append", default=[], metavar="FILE")
    parser.add_argument("-p", "--commands", action="append", default=[], metavar="TEXT")
    parser.add_argument("scripts", nargs="*", metavar="script.ys")
    options = parser.parse_args(arguments)
    if options.version:
        return subprocess.call([sys.executable, "-P", "-c", LIBRARY, "version"])
    scripts = [*options.scripts, *options.scriptfile]
    return _run([str(len(scripts)), *scripts, *options.commands], quiet=options.quiet, log=options.log)


def _run(steps: list[str], *, quiet: bool, log: str | None) -> int:
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(open(log, "w", encoding="utf-8")) if log else None
        child = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-P", "-c", LIBRARY, *steps],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
            )
        )
        assert child.stdout is not None
        for line in child.stdout:
            if file is not None:
                file.write(line)
            if line.startswith("ERROR:"):
                sys.stderr.write(line)
            elif not quiet:
                sys.stdout.write(line)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    sys.exit(main())
