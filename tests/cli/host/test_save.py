"""`bephw host load` and `save`: a state to a board, and back after another connection."""

import numpy as np

from bephw.golden.initial import initial_state


def test_what_was_loaded_is_saved(run, settings_path, settings, url, tmp_path):
    state, found = tmp_path / "state.npz", tmp_path / "found.npz"
    initial_state(settings.replace({"learning.seed": 7})).save(state)
    assert run("host", "load", settings_path, state, "--port", url) == (0, f"loaded: {state}\n", "")
    assert run("host", "save", settings_path, found, "--port", url) == (0, f"saved: {found}\n", "")
    with np.load(state) as a, np.load(found) as b:
        assert (a["counters_0"] == b["counters_0"]).all() and (a["prototypes"] == b["prototypes"]).all()


def test_a_file_is_never_written_over_the_settings(run, settings_path, url):
    code, _, err = run("host", "save", settings_path, settings_path, "--port", url)
    assert code == 2 and "SETTINGS" in err
