"""Where data sets are looked for, and inputs that the settings leave open."""

from pathlib import Path
from types import SimpleNamespace

from bephw.flow import learning
from bephw.settings import Settings


def test_the_environment_is_read_here_and_passed_on(monkeypatch):
    asked = {}

    def load(part, **options):
        asked.update(options)
        return SimpleNamespace(inputs=64, classes=10)

    monkeypatch.setattr(learning, "load", load)
    monkeypatch.setenv("BEPHW_DATA", "/data")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    learning.prepare(Settings.build(network={"sizes": [64, 6], "classes": 10}))
    expected = {"classes": 10, "inputs": 64, "recurrent": False, "folder": Path("/data"), "cache": Path("/cache/bephw")}
    assert asked == expected


def test_open_inputs_become_the_bits_of_a_sample():
    settings, dataset = learning.prepare(
        Settings.build(network={"sizes": [0, 6], "classes": 10}, data={"encoder": {"min_share": 0.0}})
    )
    assert settings.network.sizes[0] == dataset.inputs == dataset.x_train.shape[1] < 64
    settings.with_folding(columns=64)
