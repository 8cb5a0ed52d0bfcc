"""Caches go where the user has them; a home that is not there is never made."""

import os
import stat

import pytest

from bephw import caches
from bephw.caches import cache_folder, home, temporary_folder
from bephw.errors import BephwError


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """The system's folder of temporary files."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_a_home(tmp_path, monkeypatch):
    assert home({"HOME": str(tmp_path)}) == tmp_path
    assert cache_folder({"HOME": str(tmp_path)}) == tmp_path / ".cache" / "bephw"
    assert (tmp_path / ".cache" / "bephw").is_dir()
    monkeypatch.setattr(caches, "_home_of_user", lambda: str(tmp_path))
    assert home({}) == home({"HOME": ""}) == tmp_path


@pytest.mark.parametrize("name", ["missing", "relative", "", "file"])
def test_no_home(tmp_path, temporary, monkeypatch, name):
    monkeypatch.setattr(caches, "_home_of_user", lambda: "")
    (tmp_path / "file").touch()
    value = {"missing": str(tmp_path / "missing"), "file": str(tmp_path / "file")}.get(name, name)
    assert home({"HOME": value}) is None
    assert cache_folder({"HOME": value}) == temporary / f"bephw-{os.getuid()}"
    # Also where the cache's own variable names a place in that home.
    inside = {"HOME": value, "XDG_CACHE_HOME": f"{tmp_path}/missing/.cache"}
    expected = temporary / f"bephw-{os.getuid()}" if name == "missing" else tmp_path / "missing" / ".cache" / "bephw"
    assert cache_folder(inside) == expected
    assert (tmp_path / "missing").exists() == (name != "missing")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written(tmp_path, temporary):
    tmp_path.chmod(0o500)
    assert home({"HOME": str(tmp_path)}) is None
    assert cache_folder({"HOME": str(tmp_path)}) == temporary / f"bephw-{os.getuid()}"


def test_a_cache_of_its_own(tmp_path, temporary):
    assert cache_folder({"HOME": "/nowhere", "XDG_CACHE_HOME": str(tmp_path / "c")}) == tmp_path / "c" / "bephw"
    (tmp_path / "f").touch()
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path / "f")}) == temporary / f"bephw-{os.getuid()}"


def test_the_temporary_folder_is_the_users_alone(tmp_path, temporary):
    old = os.umask(0)
    try:
        path = temporary_folder()
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    path.chmod(0o777)
    assert stat.S_IMODE(temporary_folder().stat().st_mode) == 0o700
    path.rmdir()
    path.symlink_to(tmp_path)
    with pytest.raises(BephwError, match=r"must be a folder of your own: remove it, or set XDG_CACHE_HOME$"):
        temporary_folder()
    path.unlink()
    path.touch()
    with pytest.raises(BephwError, match=r"cannot be made: File exists: set XDG_CACHE_HOME$"):
        temporary_folder()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_a_temporary_folder_of_somebody_else_is_refused():
    os.chown(temporary_folder(), 65534, 65534)
    with pytest.raises(BephwError, match="must be a folder of your own"):
        temporary_folder()
