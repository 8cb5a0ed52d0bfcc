"""The wheel: one top-level name, everything inside, and it works from any folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
FOLDERS = {"bephw": "bephw", "rtl_gen": "bephw/rtl_gen", "sim": "bephw/sim", "boards": "bephw/boards"}


def _run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy, so that the repository's own build folders play no part."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in (*FOLDERS, "pyproject.toml", "README.md", "LICENSE"):
        (source / name).symlink_to(REPOSITORY / name)
    _run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"),
        *("--disable-pip-version-check", "--wheel-dir", str(folder), str(source)),
    )
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Environment and launcher of the wheel, unpacked in a folder of its own."""
    target = tmp_path_factory.mktemp("installed")
    _run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"),
        *("--disable-pip-version-check", "--target", str(target), str(wheel)),
    )
    return target


def _bephw(installed, folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return _run(sys.executable, str(installed / "bin" / "bephw"), *arguments, cwd=folder, env=environment)


def test_only_one_top_level_name(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"bephw"}


def test_every_module_and_template_is_inside(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    for folder, package in FOLDERS.items():
        for path in (REPOSITORY / folder).rglob("*"):
            if path.suffix in (".py", ".j2", ".css", ".js", ".cpp"):
                assert f"{package}/{path.relative_to(REPOSITORY / folder)}" in inside


def test_it_runs_from_another_folder_and_imports_itself(installed, tmp_path):
    assert "Usage: bephw" in _bephw(installed, tmp_path, "--help")
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    code = "import bephw.rtl_gen.trainer, bephw.sim, bephw.boards; print(bephw.__file__, bephw.rtl_gen.__file__)"
    for place in _run(sys.executable, "-c", code, cwd=tmp_path, env=environment).split():
        assert Path(place).is_relative_to(installed)


@pytest.mark.slow
def test_check_from_another_folder(installed, vectors_folder, tmp_path):
    assert "all equal" in _bephw(installed, tmp_path, "check", str(vectors_folder / "mlp_one_layer.npz"))
