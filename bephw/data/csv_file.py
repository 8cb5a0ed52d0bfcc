"""The user's own samples, from a table as text: comma-separated values and their relatives."""

from __future__ import annotations

import numpy as np

from bephw.data.features import Features
from bephw.data.split import stratified_split
from bephw.data.table import read_table
from bephw.errors import BephwError
from bephw.settings import Data

__all__ = ["csv_file"]


def csv_file(data: Data) -> Features:
    """The table in the file `data.path`, its columns and labels as they are read.

    Held out are the samples of `data.test_path`; without it those that `data.test_fraction` and `data.seed` draw of
    every class. Raises `BephwError`.
    """
    if data.path is None:
        raise BephwError("data.path: required when data.name is csv")
    first = read_table(data.path, data)
    labels = np.array(first.labels)
    if data.test_path is None:
        train, test = stratified_split(labels, data.test_fraction, data.seed)
        x_train, y_train, x_test, y_test = first.values[train], labels[train], first.values[test], labels[test]
        columns = first.columns
    else:
        second = read_table(data.test_path, data, like=first.columns)
        columns, (x_train, x_test) = first.columns.joined(first.values, second.columns, second.values)
        y_train, y_test = labels, np.array(second.labels)
    return Features(data.path, x_train, y_train, x_test, y_test, columns=columns, warnings=first.warnings)
