"""Changes to settings: order, both spellings of a path, and messages."""

import pytest

from bephw.accuracy.changes import changed, paths, settings_of
from bephw.errors import BephwError

CONTENT = {"network": {"sizes": [8, 4], "classes": 2}, "learning": {"G": 3}}


def test_dotted_and_nested_say_the_same():
    assert list(paths({"a.b": 1, "c": {"d.e": [2], "f": {}}})) == [("a.b", 1), ("c.d.e", [2])]
    assert changed({}, {"data": {"encoder.levels": 2}}) == changed({}, {"data.encoder": {"levels": 2}})


def test_later_changes_win_and_the_content_stays():
    result = changed(CONTENT, {"network.classes": 3, "learning.batch": 5}, {"network.classes": 4})
    assert result == {"network": {"sizes": [8, 4], "classes": 4}, "learning": {"G": 3, "batch": 5}}
    assert CONTENT["network"]["classes"] == 2


def test_the_other_spelling_of_one_thing_is_replaced():
    assert changed(CONTENT, {"learning.nu": 0.5})["learning"] == {"nu": 0.5}
    assert changed(CONTENT, {"learning.nu": 0.5}, {"learning.G": 1})["learning"] == {"G": 1}
    assert changed({}, {"data.r": 1}, {"data.R": 2})["data"] == {"r": 1, "R": 2}


def test_messages_name_the_source():
    with pytest.raises(
        BephwError, match=r"^row x: network\.classes must be at least 2 \(or 0, as many as the data have\), not 1$"
    ):
        settings_of("row x", CONTENT, {"network.classes": 1})
    with pytest.raises(BephwError, match=r"^row x: network\.classes\.x: classes has no fields$"):
        settings_of("row x", CONTENT, {"network.classes.x": 1})
