"""A small table and a small search, as content and as files; outcomes of runs that nobody did."""

import pytest

from bephw.accuracy.search import read_search
from bephw.accuracy.table import read_table

TABLE = """
title = "Two gates"
seeds = [1, 2]
[settings.network]
sizes = [64, 6, 6]
classes = 10
[settings.learning]
gamma = 3
batch = 20
epochs = 2
[[rows]]
name = "6"
[[rows]]
name = "9"
set = { "network.sizes" = [64, 9, 9] }
[[columns]]
name = "wide"
set = { "learning.nu" = 1.0 }
published = [50.5, 60]
[[columns]]
name = "tight"
set = { "learning.nu" = 0.1 }
[[compare]]
column = "tight"
against = "wide"
published_gain = { "9" = 1.5 }
"""


@pytest.fixture
def table_file(tmp_path):
    """`table_file(old, new, ...)`: the path of a table file with lines replaced."""

    def write(*changes):
        text = TABLE
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "table.toml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def table(table_file):
    """`table(old, new, ...)`: the table itself."""
    return lambda *changes: read_table(table_file(*changes))


@pytest.fixture
def outcome():
    """`outcome(accuracy, ...)`: what a run gives with these test accuracies, and validation accuracies if asked for."""

    def make(*accuracies, validation=None, seconds=1.0):
        validation = validation or [None] * len(accuracies)
        return {
            "version": "0",
            "data": {"name": "none"},
            "epochs": [
                {"epoch": number, "train_accuracy": 0.5, "validation_accuracy": other, "test_accuracy": accuracy}
                for number, (accuracy, other) in enumerate(zip(accuracies, validation, strict=True), 1)
            ],
            "seconds": seconds,
        }

    return make


SEARCH = """
title = "Two ways"
trials = 6
seeds = [1, 2]
[settings.network]
sizes = [16, 6]
classes = 2
[settings.data]
name = "npz"
path = "x.npz"
[search]
"learning.nu" = { low = 0, high = 1 }
"learning.batch" = { low = 10, high = 50, step = 20 }
[search.learning]
sigma = { low = 0.1, high = 10, log = true }
gamma = { choices = [1, 2, 3] }
[search.size]
choices = [{ "network.sizes" = [16, 6] }, { network = { sizes = [16, 12] }, "learning.r" = 0.5 }]
"""


@pytest.fixture
def search_file(tmp_path):
    """`search_file(old, new, ...)`: the path of a search file with lines replaced."""

    def write(*changes):
        text = SEARCH
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "search.toml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def search(search_file):
    """`search(old, new, ...)`: the search itself."""
    return lambda *changes: read_search(search_file(*changes))
