"""`--set`, and where data sets are looked for."""

from pathlib import Path

import pytest

from bephw.cli.options import read_settings


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
