"""The history as JSON, and what is not one."""

import pytest

from bephw.golden.history import Epoch, from_json, to_json

HISTORY = [
    Epoch(1, 0.1, None, None, taught=1.0, rates=(3, 2**32 - 1), gamma=(5, 15), seconds=0.5),
    Epoch(2, 1 / 3, 0.25, 0.7, taught=0.0, rates=(0, 0), gamma=(15, 15), seconds=1e-9, weights="average"),
    Epoch(3, 1.0, None, 0.7, taught=1.0, rates=(), gamma=(), seconds=1.0, soft_accuracy=2 / 3),
]


def test_a_history_comes_back_to_the_last_bit() -> None:
    assert from_json(to_json(HISTORY)) == HISTORY
    assert from_json("[]") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "not a list"),
        ("[3]", "an epoch lacks or misstates"),
        ('[{"epoch": 1}]', "an epoch lacks or misstates 'validation_accuracy'"),
        (to_json(HISTORY[1:]), "epochs are not numbered 1, 2, ..."),
        (to_json(HISTORY[:1]).replace("0.1", "1.5"), "train_accuracy must be 0 to 1, not 1.5"),
        (to_json(HISTORY[:1]).replace("0.1", "NaN"), "train_accuracy must be 0 to 1, not nan"),
    ],
)
def test_what_is_no_history_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        from_json(text)
    assert str(caught.value).startswith(message)
