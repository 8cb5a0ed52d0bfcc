"""The trainer as a scikit-learn estimator: scikit-learn's own checks, and the way to the hardware."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import bephw
from bephw import BephwClassifier
from bephw.cli import main
from bephw.errors import BephwError
from bephw.estimator import winner_group
from bephw.flow.learning import prepare
from bephw.flow.learnt import Learnt
from bephw.settings import Settings

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])


def small(**changes):
    return BephwClassifier(**{"hidden": (12,), "epochs": 8, "random_state": 0, **changes})


@parametrize_with_checks([BephwClassifier()])
def test_scikit_learns_own_checks(estimator, check):
    """All of them: there is no exception to be listed."""
    check(estimator)


def test_the_package_alone_stays_light():
    code = "import bephw, sys; print([m for m in ('sklearn', 'numpy', 'numba', 'pandas') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        _ = bephw.Nonsense


def test_labels_are_predicted_as_they_were():
    for labels in (NAMES[Y], Y + 1, Y == 2, (Y == 0) * 2.0 - 1):
        model = small().fit(X, labels)
        assert model.score(X, labels) > 0.8
        assert set(model.predict(X)) <= set(labels)


def test_random_state_decides_everything():
    first, same, other = (small(random_state=seed).fit(X, Y) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.state_.counters[0], same.state_.counters[0])
    assert not np.array_equal(first.state_.counters[0], other.state_.counters[0])
    generator = np.random.RandomState(1)
    assert small(random_state=generator).fit(X, Y).settings_.learning.seed == first.settings_.learning.seed


def test_decisions_are_logits():
    model = small().fit(X, Y)
    scores = model.decision_function(X)
    assert scores.shape == (150, 3) and (scores == np.round(scores)).all() and abs(scores).max() <= 12
    np.testing.assert_array_equal(model.predict(X), scores.argmax(axis=1))
    two = small().fit(X[:100], Y[:100])
    np.testing.assert_array_equal(two.predict(X), (two.decision_function(X) > 0).astype(int))


def test_it_works_in_a_pipeline_and_a_search():
    search = GridSearchCV(small(), {"hidden": [(6,), (12,)], "gamma": ["auto", 1]}, cv=2).fit(X, Y)
    assert search.best_estimator_.get_params()["hidden"] in ((6,), (12,))
    assert make_pipeline(small()).fit(X, Y).score(X, Y) > 0.8


def test_every_parameter_reaches_the_settings():
    changes = {
        "epochs": np.int64(2),
        "batch": 7,
        "bits": 6,
        "gamma": [3, 2],
        "nu": 0.3,
        "r": 0.75,
        "p_r": 0.1,
        "sigma": 2.0,
        "average": 3,
        "algorithm": "lbes",
    }
    model = BephwClassifier((6, 4), random_state=0, **changes).fit(X, Y)
    learning = model.to_settings().learning.model_dump()
    assert {name: learning[name] for name in changes} == {**changes, "gamma": (3, 2)}
    encoded = BephwClassifier((6,), epochs=1, encoder="median", random_state=0).fit(X, Y)
    assert encoded.to_settings().network.sizes == (4, 6)
    assert BephwClassifier((6,), epochs=1, levels=2, spacing="uniform").fit(X, Y).to_settings().network.sizes == (8, 6)


def test_whole_settings():
    given = Settings.build(
        network={"sizes": [0, 9], "classes": 0},
        learning={"gamma": 3, "epochs": 2, "seed": 5},
        data={"encoder": {"kind": "median"}},
        hardware={"rows": 3},
    )
    model = BephwClassifier(settings=given, random_state=0)
    fitted = clone(model).fit(X, Y)
    assert fitted.to_settings().network.sizes == (4, 9)
    assert fitted.to_settings().hardware.rows == 3
    assert fitted.n_iter_ == 2
    for algorithm, sizes in (("ste", [0, 9]), ("bep-tt", [0, 9, 9])):
        wrong = Settings.build(network={"sizes": sizes, "classes": 0}, learning={"algorithm": algorithm})
        with pytest.raises(BephwError, match=r"^settings: "):
            BephwClassifier(settings=wrong).fit(X, Y)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, r"learning\.epochs: must be at least 1, not 0"),
        ({"gamma": 5}, r"learning\.gamma\[0\] must divide the layer's 12 outputs, not 5"),
        ({"encoder": "x"}, r"kind: must be 'thermometer', 'median', 'threshold', 'none' or 'kept', not 'x'"),
        ({"levels": 0}, r"levels: must be at least 1, not 0"),
        ({"hidden": (6.5,)}, r"hidden: must be whole numbers of at least 1, not 6\.5"),
        ({"hidden": (0,)}, r"hidden: must be whole numbers of at least 1, not 0"),
        ({"hidden": ()}, r"network\.sizes: must have at least 2 entries"),
    ],
)
def test_illegal_parameters_are_named(changes, message):
    with pytest.raises(BephwError, match=message):
        small(**changes).fit(X, Y)


def test_one_class_is_not_enough():
    with pytest.raises(ValueError, match="there is one class: 0"):
        small().fit(X[:50], Y[:50])


def test_samples_in_pieces():
    model = small(batch=10, p_r=0.0)
    order = np.random.default_rng(0).permutation(150)
    for _ in range(6):
        for piece in np.array_split(order, 3):
            model.partial_fit(X[piece], NAMES[Y[piece]], classes=NAMES)
    assert model.score(X, NAMES[Y]) > 0.8
    assert model.n_iter_ == 18
    with pytest.raises(ValueError, match="is none of the classes of the first call"):
        model.partial_fit(X[:1], ["rose"])


def test_a_piece_is_a_pass_of_the_training_loop():
    """From the same start, one piece is what the golden model does with these samples in this order."""
    model = small(average=None).partial_fit(X, Y)
    again = small(average=None).partial_fit(X, Y)
    np.testing.assert_array_equal(model.state_.counters[0], again.state_.counters[0])
    fitted = small(average=None, epochs=1).fit(X, Y)
    counters = fitted.state_.counters[0]
    fitted.partial_fit(X, Y)
    assert not np.array_equal(counters, fitted.state_.counters[0])


@pytest.mark.parametrize(
    ("outputs", "group"), [(63, 21), (126, 42), (64, 16), (10, 5), (12, 4), (1, 1), (61, 61), (3, 1)]
)
def test_winner_groups(outputs, group):
    assert winner_group(outputs) == group


def test_what_is_saved_is_what_was_learnt(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b", "c", "d"])
    model = small().fit(frame, NAMES[Y])
    model.save(tmp_path / "iris.npz")
    learnt = Learnt.load(tmp_path / "iris.npz")
    np.testing.assert_array_equal(NAMES[learnt.predict(X)], model.predict(frame))
    frame[["d", "b", "a", "c"]].to_csv(tmp_path / "new.csv", index=False)
    x, _ = learnt.table(tmp_path / "new.csv")
    assert [learnt.class_name(label) for label in learnt.predict(x)] == model.predict(frame).tolist()


def test_the_way_to_the_hardware(tmp_path, capsys):
    model = small().fit(X, NAMES[Y])
    model.save(tmp_path / "iris.npz", X, NAMES[Y])
    settings, dataset = prepare(Settings.from_toml(tmp_path / "iris.toml"))
    assert dataset.class_names == tuple(NAMES) and dataset.inputs == settings.network.sizes[0]
    command = ("emit", tmp_path / "iris.toml", "--state", tmp_path / "iris.npz", "--output", tmp_path / "verilog")
    assert main([str(word) for word in command]) == 0
    np.savez(tmp_path / "new.npz", x=X, y=NAMES[Y])
    capsys.readouterr()
    assert main(["predict", str(tmp_path / "iris.npz"), str(tmp_path / "new.npz")]) == 0
    assert capsys.readouterr().out.splitlines() == model.predict(X).tolist()


def test_what_cannot_be_saved(tmp_path):
    with pytest.raises(BephwError, match=r"must end in \.npz$"):
        small().fit(X, Y).save(tmp_path / "iris.pkl")
    with pytest.raises(BephwError, match="X and y must be given together"):
        small().fit(X, Y).save(tmp_path / "iris.npz", X)
