"""`bephw check` on a good vector, and on one with wrong answers."""

import json

import numpy as np


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
