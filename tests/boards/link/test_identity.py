"""bephw.boards.link.identity: what a board says of itself."""

import pytest

from bephw.boards.link.identity import HEAD, describe, identity_block, identity_length, read_identity, stored_identity
from bephw.boards.link.sizes import LinkSizes
from bephw.errors import BephwError
from bephw.settings import Settings

SIZES = LinkSizes(window=1024)
SETTINGS = Settings.build(network={"sizes": [12, 9, 7], "classes": 3}, hardware={"rows": [1, 7, 1], "stream_width": 11})


def test_what_it_says():
    said = read_identity(identity_block(SETTINGS, SIZES))
    assert said == describe(SETTINGS, SIZES)
    assert said["sizes"] == [12, 9, 7] and said["rows"] == [1, 7, 1] and said["window"] == 1024
    assert said["bytes"] == [2, 1, 1]


@pytest.mark.parametrize("layers", [1, 5, 40])
def test_how_it_is_stored(layers):
    settings = SETTINGS.replace({"network.sizes": [12] * (layers + 1), "hardware.rows": 1})
    stored, block = stored_identity(settings, SIZES), identity_block(settings, SIZES)
    assert len(stored) == identity_length(settings, SIZES)
    assert len(stored) & (len(stored) - 1) == 0
    turned = bytes(byte for at in range(0, len(stored), 32) for byte in reversed(stored[at : at + 32]))
    assert turned == block.ljust(len(stored), b"\0")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"learning.batch": 7, "learning.seed": 5, "learning.epochs": 2, "data.seed": 9, "board.clock_mhz": 20}, True),
        ({"network.sizes": [12, 9, 8]}, False),
        ({"learning.bits": 6}, False),
        ({"learning.gamma": [1, 7]}, False),
        ({"hardware.slots": 4}, False),
    ],
)
def test_the_fingerprint_is_of_what_the_hardware_is_made_for(change, same):
    changed = describe(SETTINGS.replace(change), SIZES)["settings"]
    assert (changed == describe(SETTINGS, SIZES)["settings"]) == same


def test_other_protocols():
    block = identity_block(SETTINGS, SIZES)
    with pytest.raises(BephwError, match=r"identity must begin with b'bephw', not b'hello'"):
        read_identity(b"hello" + block[5:])
    with pytest.raises(BephwError, match=r"the board's protocol must be version 1, not 9: build its bitstream anew"):
        read_identity(HEAD.pack(b"bephw", 9, 5) + b"later")
