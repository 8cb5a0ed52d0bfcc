"""What holds for every data set."""

import pytest

from bephw.data import load
from bephw.errors import BephwError
from bephw.settings import Data


def test_encoded_bits_must_be_the_networks_inputs():
    with pytest.raises(
        BephwError,
        match=r"^network.sizes\[0\] must be 64, the bits of an encoded sample \(digits, encoder median\), not 192$",
    ):
        load(Data(), classes=10, inputs=192)


def test_labels_must_be_classes():
    with pytest.raises(BephwError, match=r"^digits: y_train: label \d+ must be 0 to 4 .*, not \d$"):
        load(Data(), classes=5)
