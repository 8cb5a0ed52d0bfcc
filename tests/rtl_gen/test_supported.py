# amaranth: UnusedElaboratable=no
"""What the hardware refuses, in one line each."""

import dataclasses

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.rtl_gen.supported import check_supported
from bephw.rtl_gen.trainer import Trainer
from bephw.settings import Settings
from bephw.state import NetworkState


def settings(sizes=(5, 4, 4), thresholds=False, **learning):
    return Settings.build(network={"sizes": sizes, "classes": 3, "thresholds": thresholds}, learning=learning)


def state(thresholds=()):
    return NetworkState(
        counters=(np.zeros((4, 5), np.int16), np.zeros((4, 4), np.int16)),
        prototypes=np.zeros((3, 4), np.uint8),
        generators=np.ones(2, np.uint32),
        accumulators=np.zeros(2, np.uint32),
        thresholds=tuple(np.array(values, np.int32) for values in thresholds),
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (settings(algorithm="ste"), "learning.algorithm must be bep or bep-tt or cp+r or lbes in hardware, not ste"),
        (settings(algorithm="bep-tt"), "data.steps must be given in hardware: how many steps a sample has at most"),
        (settings(reinforcement="bernoulli"), "learning.reinforcement must be events in hardware, not bernoulli"),
        (settings(clipping="batch"), "learning.clipping must be step in hardware, not batch"),
        (settings(update_stride=4), "learning.update_stride must be 1 in hardware, not 4"),
        (
            settings(lag=1).replace({"hardware.renewal": "sweep"}),
            "hardware.renewal must be copy with learning.lag 1, not sweep",
        ),
        (settings(gamma_patience=2), "learning.gamma_patience must be left out in hardware, not 2"),
        (
            settings().replace({"network.scores": True}),
            "network.scores must be false in a trainer: they are for inference alone",
        ),
        (settings((0, 4)), "network.sizes[0] must be at least 1 in hardware, not 0 (as many as the data have)"),
    ],
)
def test_refusals(asked, message):
    for refuse in (check_supported, Trainer):
        with pytest.raises(BephwError) as caught:
            refuse(asked)
        assert str(caught.value) == message


def test_what_is_done():
    check_supported(settings())
    check_supported(settings(burst=16))
    check_supported(settings((5, 4), algorithm="cp+r"))
    check_supported(settings(algorithm="lbes"))
    check_supported(settings(algorithm="bep-tt").replace({"data.steps": 7}))
    check_supported(settings(thresholds=True))


def test_thresholds_need_a_state_that_has_them():
    asked = settings(thresholds=True)
    with pytest.raises(BephwError, match=r"network\.thresholds needs a state: hardware has the thresholds from there"):
        Trainer(asked)
    with pytest.raises(BephwError, match="thresholds_0 is missing"):
        Trainer(asked, state())
    with pytest.raises(BephwError, match="thresholds_1 must be -4 to 5, not 6"):
        Trainer(asked, state([[0] * 4, [0, 0, 0, 6]]))
    with pytest.raises(BephwError, match=r"thresholds_0 is there, but network\.thresholds is false"):
        Trainer(settings(), state([[0] * 4] * 2))


def test_a_state_of_other_settings():
    wrong = dataclasses.replace(state(), prototypes=np.zeros((2, 4), np.uint8))
    with pytest.raises(BephwError, match=r"state: prototypes must have shape \(3, 4\), not \(2, 4\)"):
        Trainer(settings(), wrong)
