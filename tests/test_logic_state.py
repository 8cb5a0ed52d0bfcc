"""Files of networks of logic gates, and what is wrong with others."""

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.logic_state import LogicState
from bephw.settings import Settings
from bephw.state import save_arrays
from bephw.states import load_state
from tests.logic_networks import random_network


def test_a_file_gives_the_network_back(tmp_path):
    settings, state = random_network(5, [7, 12, 9], 3)
    state.save(tmp_path / "network.npz")
    again = load_state(tmp_path / "network.npz", settings)
    assert isinstance(again, LogicState)
    for name, array in state.to_arrays().items():
        assert np.array_equal(again.to_arrays()[name], array)
        assert again.to_arrays()[name].dtype == array.dtype


def test_arrays_of_any_integer_type_are_taken(tmp_path):
    """As another program may write them."""
    settings, state = random_network(5, [7, 12, 9], 3)
    save_arrays(tmp_path / "network.npz", {name: array.astype(np.int64) for name, array in state.to_arrays().items()})
    again = LogicState.load(tmp_path / "network.npz", settings)
    assert again.layers[1].gate.dtype == np.uint8
    assert np.array_equal(again.layers[1].gate, state.layers[1].gate)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("index_a_0", np.array([0, 7, 0, 0]), "index_a_0 must be 0 to 6, not 7"),
        ("index_b_1", np.array([-1, 0]), "index_b_1 must be 0 to 3, not -1"),
        ("gate_0", np.array([0, 16, 0, 0]), "gate_0 must be 0 to 15, not 16"),
        ("gate_0", np.array([0, 1, 2]), r"gate_0 must have shape \(4,\), not \(3,\)"),
        ("gate_1", np.array([0.0, 1.0]), "gate_1 must hold integers, not float64"),
        ("gate_1", None, r"gate_1 is missing \(the settings have 2 layers\)"),
        ("gate_2", np.array([0, 1]), r"gate_2 is one too many \(the settings have 2 layers\)"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, array, message):
    settings, state = random_network(5, [7, 4, 2], 2)
    arrays = {**state.to_arrays(), name: array}
    save_arrays(tmp_path / "n.npz", {key: value for key, value in arrays.items() if value is not None})
    with pytest.raises(BephwError, match=f"n.npz: {message}"):
        load_state(tmp_path / "n.npz", settings)


def test_inputs_must_be_known():
    _, state = random_network(5, [7, 4, 2], 2)
    settings = Settings.build(network={"sizes": [0, 4, 2], "classes": 2}, learning={"algorithm": "logic"})
    with pytest.raises(BephwError, match=r"network.sizes\[0\] and network.classes must be known"):
        state.validate(settings)
