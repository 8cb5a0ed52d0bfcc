"""`bephw check` on a good vector, and on one with wrong answers."""

import json

import numpy as np
import pytest

from bephw.toolchain import find


def test_all_equal(run, vectors_folder, tmp_path):
    figures = tmp_path / "check.json"
    code, out, _ = run("check", vectors_folder / "mlp_two_layers.npz", "--json", figures)
    assert code == 0
    assert "all equal" in out
    assert json.loads(figures.read_text())["mismatches"] == 0


def test_every_mismatch_is_printed(run, vectors_folder, tmp_path):
    with np.load(vectors_folder / "mlp_two_layers.npz") as file:
        arrays = {name: file[name].copy() for name in file.files}
    arrays["prediction"][3] = (arrays["prediction"][3] + 1) % 5
    arrays["final_1"][0, 0] ^= 1
    path, figures = tmp_path / "wrong.npz", tmp_path / "check.json"
    np.savez(path, **arrays)
    code, out, _ = run("check", path, "--json", figures)
    assert code == 1
    assert "prediction" in out
    assert "final_1" in out
    assert json.loads(figures.read_text())["mismatches"] == 2


def test_series_in_hardware(run, vectors_folder, tmp_path):
    """A recurrent vector in the generated Verilog, folded so that nothing divides."""
    if find("iverilog") is None:
        pytest.skip("iverilog is not on PATH: install Debian's package iverilog")
    figures = tmp_path / "check.json"
    code, out, err = run(
        *("check", vectors_folder / "bep_tt_small.npz", "--rtl", "--rows", 4, "--columns", 7, "--stalls", 0.3),
        *("--simulator", "icarus", "--json", figures),
    )
    assert code == 0, out + err
    assert "all equal" in out
    assert json.loads(figures.read_text())["mismatches"] == 0


def test_stalls_that_would_last_for_ever(run, vectors_folder):
    code, _, err = run("check", vectors_folder / "bep_tt_small.npz", "--rtl", "--stalls", 1)
    assert (code, err) == (2, "bephw: error: stalls.samples must be 0 or more and below 1, not 1.0\n")
