"""A board that learns, at a TCP port, for the commands of `bephw host`."""

import pytest

from bephw.flow.learning import prepare
from bephw.settings import Settings
from tests.host.learning_board import LearningBoard
from tests.host.served import served


@pytest.fixture
def settings_path(settings_file):
    return settings_file("epochs = 2", "epochs = 2\naverage = 2")


@pytest.fixture
def settings(settings_path):
    return prepare(Settings.from_toml(settings_path))[0]


@pytest.fixture
def board(settings):
    return LearningBoard(settings)


@pytest.fixture
def url(board):
    with served(board) as found:
        yield found
