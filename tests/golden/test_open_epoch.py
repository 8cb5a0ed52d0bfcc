"""An epoch that is under way: as text and back; what it cannot be."""

import json
from dataclasses import asdict

import pytest

from bephw.golden.open_epoch import OpenEpoch, from_json, to_json

EPOCH = OpenEpoch(40, 31, 12, 1.5, 0.75)


@pytest.mark.parametrize("epoch", [EPOCH, OpenEpoch(1, 0, 3, 0.0, None), None])
def test_there_and_back(epoch):
    assert from_json(to_json(epoch)) == epoch


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"position": 0}, "31 right of 0 samples"),
        ({"hits": 41}, "41 right of 40 samples"),
        ({"hits": -1}, "-1 right of 40 samples"),
        ({"taught": -1}, "cannot have"),
        ({"position": None}, "lacks or misstates"),
        ({"seconds": [1]}, "lacks or misstates"),
    ],
)
def test_nonsense_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        from_json(json.dumps(asdict(EPOCH) | change))


def test_accuracy():
    assert EPOCH.accuracy == 31 / 40
    assert OpenEpoch().accuracy is None
