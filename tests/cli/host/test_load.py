"""`bephw host load`: what cannot be loaded."""

import numpy as np


def test_a_state_of_another_network(run, settings_path, url, tmp_path):
    np.savez(tmp_path / "s.npz", counters_0=np.zeros((3, 64), int))
    code, _, err = run("host", "load", settings_path, tmp_path / "s.npz", "--port", url)
    assert code == 2 and err.count("\n") == 1
    assert "s.npz: counters_0 must have shape (6, 64), not (3, 64)" in err


def test_a_state_that_does_not_arrive(run, settings_path, settings, board, url, tmp_path):
    from bephw.golden.initial import initial_state

    initial_state(settings.replace({"learning.seed": 7})).save(tmp_path / "s.npz")
    board._load = lambda: None
    code, _, err = run("host", "load", settings_path, tmp_path / "s.npz", "--port", url)
    assert (code, err) == (2, "bephw: error: counters_0 on the board is not what was loaded\n")
