"""The history as JSON, and what is not one."""

import pytest

from bephw.golden.history import Epoch, from_json, to_json

HISTORY = [
    Epoch(epoch=1, train_accuracy=0.1, test_accuracy=None, taught=1.0, rates=(3, 2**32 - 1), seconds=0.5),
    Epoch(epoch=2, train_accuracy=1 / 3, test_accuracy=0.7, taught=0.0, rates=(0, 0), seconds=1e-9),
]


def test_a_history_comes_back_to_the_last_bit() -> None:
    assert from_json(to_json(HISTORY)) == HISTORY
    assert from_json("[]") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "not a list"),
        ("[3]", "an epoch lacks or misstates"),
        ('[{"epoch": 1}]', "an epoch lacks or misstates 'test_accuracy'"),
        (to_json(HISTORY[1:]), "epochs are not numbered 1, 2, ..."),
        (to_json(HISTORY[:1]).replace("0.1", "1.5"), "train_accuracy must be 0 to 1, not 1.5"),
        (to_json(HISTORY[:1]).replace("0.1", "NaN"), "train_accuracy must be 0 to 1, not nan"),
    ],
)
def test_what_is_no_history_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        from_json(text)
    assert str(caught.value).startswith(message)
