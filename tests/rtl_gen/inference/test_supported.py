"""What an inference-only design refuses."""

import dataclasses

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.rtl_gen.inference.supported import check_inference
from bephw.rtl_gen.supported import check_supported
from bephw.settings import Settings


@pytest.mark.parametrize("algorithm", ["bep", "lbes", "ste"])
def test_feed_forward_networks(inference, algorithm):
    network = {"sizes": [4, 3, 2], "classes": 2}
    settings, state, *_ = inference.random_job(0, network=network, learning={"algorithm": algorithm})
    state = dataclasses.replace(state, hidden_prototypes=(np.ones((2, 3), np.uint8),) if settings.local else ())
    check_inference(settings, state)


RECURRENT = {"network": {"sizes": [4, 3, 2], "classes": 2}, "learning": {"algorithm": "bep-tt"}}


def test_recurrent_networks_are_folded_only(inference):
    settings, state, *_ = inference.random_series(0, data={"steps": 5}, **RECURRENT)
    check_inference(settings, state)
    with pytest.raises(BephwError, match=r"must be folded for a recurrent network \(.* bep-tt .*\), not unrolled"):
        check_inference(settings, state, "unrolled")


def test_steps_must_be_known(inference):
    settings = Settings.build(**RECURRENT)
    with pytest.raises(BephwError, match=r"^data\.steps must be given in hardware"):
        check_inference(settings, inference.random_state(settings, np.random.default_rng(0)))


def test_a_cell_takes_several_samples(inference):
    """Where it only classifies, and where it learns."""
    settings, state, *_ = inference.random_series(0, data={"steps": 5}, hardware={"samples": 2}, **RECURRENT)
    check_inference(settings, state)
    check_supported(settings)


def test_a_state_of_other_shapes_is_refused(inference):
    settings, *_ = inference.random_job(0, network={"sizes": [4, 3], "classes": 2})
    _, state, *_ = inference.random_job(0, network={"sizes": [4, 3, 2], "classes": 2})
    with pytest.raises(BephwError, match="counters_1 is one too many"):
        check_inference(settings, state)


def test_inputs_as_many_as_the_data_have(inference):
    _, state, *_ = inference.random_job(0, network={"sizes": [4, 3], "classes": 2})
    settings = Settings.build(network={"sizes": [0, 3], "classes": 2})
    with pytest.raises(BephwError, match=r"network\.sizes\[0\] must be at least 1 in hardware, not 0"):
        check_inference(settings, state)
