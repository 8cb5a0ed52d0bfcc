"""`--set`, and where data sets are looked for."""

from pathlib import Path

import pytest

from bephw import data
from bephw.cli.options import load_dataset, read_settings
from bephw.settings import Settings


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("learning.bits=6", "learning.bits", 6),
        ("learning.nu = 0.5", "learning.nu", 0.5),
        ("hardware.rows=[2, 3]", "hardware.rows", (2, 3)),
        ("learning.tie=plus", "learning.tie", "plus"),
        ("data.encoder.kind='none'", "data.encoder.kind", "none"),
        ("hardware.profile=false", "hardware.profile", False),
    ],
)
def test_changes(settings_file, text, field, value):
    part = read_settings(Path(settings_file()), (text,))
    for name in field.split("."):
        part = getattr(part, name)
    assert part == value


def test_environment_is_read_here_and_passed_on(monkeypatch):
    asked = {}
    monkeypatch.setattr(data, "load", lambda part, **options: asked.update(options))
    monkeypatch.setenv("BEPHW_DATA", "/data")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    load_dataset(Settings.build(network={"sizes": [64, 6], "classes": 10}))
    assert asked == {"classes": 10, "inputs": 64, "folder": Path("/data"), "cache": Path("/cache/bephw")}
