"""`bephw import` and `bephw export`, end to end."""

import json

import numpy as np
import pytest

pytest.importorskip("onnx", reason="networks as ONNX files need onnx")

from bephw.cli import main
from bephw.flow.learning import prepare
from bephw.flow.learnt import Learnt
from bephw.settings import Settings
from tests.exchange.onnx_models import Chain, brevitas


@pytest.fixture
def model(tmp_path):
    return brevitas(np.random.default_rng(0)).save(tmp_path / "model.onnx")


def test_import_predict_export(model, tmp_path, capsys):
    network, figures = tmp_path / "network.npz", tmp_path / "figures.json"
    assert main(["import", str(model), "-o", str(network), "--input-scale", "255", "--json", str(figures)]) == 0
    assert json.loads(figures.read_text())["settings"]["network"]["sizes"] == [12, 9, 7]
    assert "12-9-7-4, 12 features" in capsys.readouterr().out
    x = np.random.default_rng(1).integers(0, 256, (20, 12)).astype(np.uint8)
    np.savez(tmp_path / "x.npz", x=x)
    assert main(["predict", str(network), str(tmp_path / "x.npz")]) == 0
    words = capsys.readouterr().out.split()
    assert words == [str(label) for label in Learnt.load(network).predict(x)]
    assert main(["export", str(network), "-o", str(tmp_path / "again.onnx")]) == 0
    assert main(["import", str(tmp_path / "again.onnx"), "-o", str(tmp_path / "again.npz")]) == 0
    np.testing.assert_array_equal(Learnt.load(tmp_path / "again.npz").predict(x), Learnt.load(network).predict(x))


@pytest.mark.parametrize("scored", [False, True])
def test_its_settings_are_for_the_hardware(scored, tmp_path, capsys):
    """Samples of a data set are encoded as the network's own first quantiser does; classes with scores or without."""
    random = np.random.default_rng(2)
    chain = brevitas(np.random.default_rng(0))
    model = (chain.then("Mul", [1.0, 0.75, 0.5, 1.0]) if scored else chain).save(tmp_path / "model.onnx")
    arrays = {"x_train": random.normal(size=(30, 12)), "x_test": random.normal(size=(9, 12))}
    arrays |= {"y_train": np.arange(30) % 4, "y_test": np.arange(9) % 4}
    np.savez(tmp_path / "data.npz", **arrays)
    network, data = tmp_path / "network.npz", str(tmp_path / "data.npz")
    assert main(["import", str(model), "-o", str(network), "--data", "npz", "--data-path", data]) == 0
    settings = Settings.from_toml(network.with_suffix(".toml"))
    assert settings.network.scores == scored
    _, dataset = prepare(settings)
    learnt = Learnt.load(network)
    np.testing.assert_array_equal(dataset.x_test, learnt.encoding.transform(arrays["x_test"]))
    command = ["emit", str(network.with_suffix(".toml")), "--state", str(network), "--inference", "folded"]
    assert main([*command, "--output", str(tmp_path / "emitted"), "--vectors", "9"]) == 0
    assert (tmp_path / "emitted" / "bephw_inference.v").is_file()
    vectors = json.loads((tmp_path / "emitted" / "bephw_inference_vectors.json").read_text())
    predicted = [sample["prediction"] for sample in vectors["samples"]]
    np.testing.assert_array_equal(predicted[: len(arrays["x_test"])], learnt.predict(arrays["x_test"]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "network.onnx"], "--output must end in .npz"),
        (["-o", "network.npz", "--input-scale", "0"], "input scale must be above 0, not 0"),
        (["-o", "network.npz", "--data", "npz"], "--data-path must be given"),
        (["-o", "network.npz", "--data-path", "x.npz"], "--data-path must be given"),
    ],
)
def test_bad_arguments(arguments, message, model, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["import", str(model), *arguments]) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_settings_of_others_are_not_overwritten(model, tmp_path, capsys):
    (tmp_path / "mine.toml").write_text("[network]\n")
    assert main(["import", str(model), "-o", str(tmp_path / "mine.npz")]) == 2
    assert "its settings would overwrite" in capsys.readouterr().err
    assert (tmp_path / "mine.toml").read_text() == "[network]\n" and not (tmp_path / "mine.npz").exists()


def test_what_is_not_binary_is_one_line_and_nothing_is_written(tmp_path, capsys):
    path = Chain((1, 12)).then("Quant", 1.0, 0.0, 2.0, custom=True).save(tmp_path / "model.onnx")
    assert main(["import", str(path), "-o", str(tmp_path / "network.npz")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "node 'Quant_t0' (Quant): quantises to several bits" in error
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
