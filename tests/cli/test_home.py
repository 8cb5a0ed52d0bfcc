"""Without a home, libraries and tools get a temporary one; the missing one is not made."""

import os

import pytest

from bephw.cli.home import usable_home


def test_a_home_that_is_there_stays(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with usable_home():
        assert os.environ["HOME"] == str(tmp_path)


def test_a_home_that_is_missing(tmp_path, monkeypatch):
    missing, temporary = tmp_path / "missing", tmp_path / f"bephw-{os.getuid()}"
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("HOME", str(missing))
    monkeypatch.setenv("XDG_CACHE_HOME", str(missing / ".cache"))
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "elsewhere"))
    with usable_home():
        assert os.environ["HOME"] == str(temporary)
        assert "XDG_CACHE_HOME" not in os.environ
        assert os.environ["MPLCONFIGDIR"] == str(tmp_path / "elsewhere")
    assert os.environ["HOME"] == str(missing)
    assert os.environ["XDG_CACHE_HOME"] == str(missing / ".cache")
    temporary.rmdir()
    temporary.touch()  # Not a folder: then one that is gone afterwards.
    with usable_home():
        fresh = os.environ["HOME"]
        assert os.path.isdir(fresh)
    assert not os.path.exists(fresh)


@pytest.mark.parametrize("xdg", [False, True])
def test_commands_do_not_make_it(run, settings_file, tmp_path, monkeypatch, xdg):
    """A curve needs matplotlib, which makes its folder of settings wherever `HOME` says."""
    missing = tmp_path / "missing"
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("HOME", str(missing))
    if xdg:
        monkeypatch.setenv("XDG_CACHE_HOME", str(missing / "cache"))
    code, _, err = run("train", settings_file(), "--epochs", 1, "--curve", tmp_path / "c.svg")
    assert (code, missing.exists()) == (0, False), err
