"""scikit-learn's digits: 1,797 images of 8 x 8 pixels, 0 to 16."""

from __future__ import annotations

from bephw.data.features import Features
from bephw.data.split import stratified_split
from bephw.errors import MissingError
from bephw.settings import Data

__all__ = ["digits"]


def digits(data: Data) -> Features:
    """The images as 64 features, split by `data.test_fraction` and `data.seed`.

    Raises `BephwError` where scikit-learn is missing.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise MissingError("data set digits needs scikit-learn: install it with pip install 'bephw[data]'") from error
    images, labels = load_digits(return_X_y=True)
    train, test = stratified_split(labels, data.test_fraction, data.seed)
    return Features("digits", images[train], labels[train], images[test], labels[test], image=(8, 8))
