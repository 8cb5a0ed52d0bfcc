"""Warnings of many runs, each told once; and searches with more trials than settings."""

from bephw.accuracy.doubts import gathered, search_doubts
from bephw.accuracy.search import Choices, Range, Search


def test_each_warning_once():
    assert gathered([]) == gathered([("a", ()), ("b", ())]) == []
    assert gathered([("a", ("x", "y")), ("a", ("x",)), ("b", ("x",)), ("c", ("x",))]) == [
        "x",
        "y (in 1 of 3, the first a)",
    ]


def test_more_trials_than_settings():
    def search(trials, **spaces):
        return Search(title="t", trials=trials, search=spaces)

    two, three = Choices(choices=(1, 2)), Choices(choices=(1, 2, 3))
    assert search_doubts(search(6, a=two, b=three)) == []
    assert search_doubts(search(7, a=two, b=three)) == [
        "trials = 7, but there are 6 combinations of choices: the others repeat them"
    ]
    assert "is 1 combination" in search_doubts(search(2, a=Choices(choices=(1,))))[0]
    assert search_doubts(search(1000, a=two, b=Range(low=0.0, high=1.0))) == []
