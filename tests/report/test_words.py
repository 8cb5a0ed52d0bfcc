"""Numbers as people read them."""

import pytest

from bephw.report.words import amount, duration, listed, number, percent, plain, plural


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.9512, "95.1 %"), (1, "100.0 %"), (0, "0.0 %"), (0.9999, "99.99 %"), (0.0001, "0.01 %"), (1.5, "150.0 %")],
)
def test_percent_is_never_all_or_nothing_by_rounding(share, text):
    assert percent(share).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0123, "0.012 s"),
        (4.25, "4.2 s"),
        (42.4, "42 s"),
        (59.7, "1 min"),
        (342, "5 min 42 s"),
        (12000, "3 h 20 min"),
        (7200, "2 h"),
    ],
)
def test_times(seconds, text):
    assert duration(seconds) == text


def test_numbers():
    assert [number(value) for value in (1234, 1234.5, 2.0)] == ["1,234", "1,234.5", "2"]
    assert [amount(value) for value in (27113.2, 1_250_000, 3e9, 12.34)] == [
        "27,113",
        "1.25 million",
        "3 billion",
        "12.3",
    ]
    assert [plural(count, "sample") for count in (1, 2000)] == ["1 sample", "2,000 samples"]
    assert [plain(value) for value in (None, True, 1.25, [1, 2], "x")] == ["-", "yes", "1.25", "1, 2", "x"]
    assert [listed(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
