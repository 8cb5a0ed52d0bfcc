"""`bephw host predict`: a board classifies as the golden model does."""

import json

import numpy as np


def test_predictions_are_those_of_the_golden_model(run, settings_path, url, tmp_path):
    learnt, file = tmp_path / "learnt.npz", tmp_path / "samples.npz"
    assert run("train", settings_path, "--state", learnt)[0] == 0
    random = np.random.default_rng(1)
    np.savez(file, x=random.integers(0, 17, (30, 64)), y=random.integers(0, 10, 30))
    code, out, err = run("host", "predict", learnt, file, "--port", url)
    assert code == 0
    assert (code, out, err) == run("predict", learnt, file)
    assert run("host", "predict", learnt, file, "--port", url, "--json", tmp_path / "p.json")[0] == 0
    found = json.loads((tmp_path / "p.json").read_text())
    assert found["command"] == "host predict" and found["names"] == out.split()


def test_samples_that_do_not_fit(run, settings_path, url, tmp_path):
    learnt, file = tmp_path / "learnt.npz", tmp_path / "samples.npz"
    assert run("train", settings_path, "--epochs", 1, "--state", learnt)[0] == 0
    np.savez(file, x=np.zeros((3, 5)))
    code, _, err = run("host", "predict", learnt, file, "--port", url)
    assert code == 2 and err.count("\n") == 1 and str(file) in err
