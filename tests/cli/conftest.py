"""Running the command line inside this process."""

import pytest

from bephw.cli import main

QUICK = """
[network]
sizes = [64, 6]
classes = 10
[learning]
gamma = 3
batch = 20
epochs = 2
nu = 0.5
[hardware]
rows = 2
columns = 4
"""


@pytest.fixture
def settings_file(tmp_path):
    """A settings file for the digits; as a function, one with lines replaced: `settings_file(old, new)`."""

    def write(old="", new=""):
        assert old in QUICK
        path = tmp_path / "settings.toml"
        path.write_text(QUICK.replace(old, new) if old else QUICK)
        return str(path)

    return write


@pytest.fixture
def run(capsys):
    """`run(*arguments)` gives exit code, stdout and stderr."""

    def call(*arguments):
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def refuse(run):
    """`refuse(*arguments)` gives the one line of an exit with code 2."""

    def call(*arguments):
        code, _, err = run(*arguments)
        (line,) = err.splitlines()
        assert code == 2
        return line.removeprefix("bephw: error: ")

    return call
