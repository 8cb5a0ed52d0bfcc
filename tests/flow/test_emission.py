"""The folder that `bephw emit` leaves: the same bytes from everywhere, and reproducible from itself."""

import json
import os
import re
import shlex
import subprocess
import sys

import pytest

SETTINGS = """
[network]
sizes = [64, 5]
classes = 10
[learning]
batch = 5
[hardware]
rows = 5
columns = 64
stream_width = 32
[data]
name = "digits"
"""


def emit(folder, seed, *arguments):
    """`bephw emit` in a process of its own, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "bephw", "emit", *arguments, "--output", "out"],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    (folder / "mine.toml").write_text(SETTINGS)
    return emit(folder, 1, "mine.toml", "--name", "learner", "--vectors", "9")


def test_the_files(first):
    endings = (".core", ".h", ".json", ".rdl", ".v", ".vlt", "_tb.v", "_vectors.json", "_vectors.npz")
    assert sorted(first) == [f"learner{ending}" for ending in endings]
    manifest = json.loads(first["learner.json"])
    assert manifest["samples"] == "digits"
    vectors = json.loads(first["learner_vectors.json"])
    assert sum(sample["learn"] for sample in vectors["samples"]) == 9
    assert len(vectors["samples"][0]["bits"]) == 64


def test_the_head_of_the_verilog_makes_the_same_bytes_elsewhere(first, tmp_path):
    """With its own command and settings, in another folder, with other hashes of Python's strings."""
    text = first["learner.v"].decode()
    for name in re.findall(r"^//\s+(?:in|out)put +\d+ +(\w+)", text, re.MULTILINE):
        assert re.search(rf"^  (in|out)put .*\b{name};$", text, re.MULTILINE)
    settings = re.findall(r"^//\| (.*)$", text, re.MULTILINE)
    (command,) = re.findall(r"^//     \$ bephw emit (.*)$", text, re.MULTILINE)
    folder = tmp_path / "another folder"
    folder.mkdir()
    (folder / "learner.toml").write_text("\n".join(settings))
    assert emit(folder, 2, *shlex.split(command)) == first


def test_vectors_pass_bephws_own_check(first, tmp_path):
    from bephw.check import check_vector

    path = tmp_path / "vectors.npz"
    path.write_bytes(first["learner_vectors.npz"])
    report = check_vector(path)
    assert not report.mismatches
    assert report.comparisons > 5 * 64
