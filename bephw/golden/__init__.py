"""The golden model: numerics.md, exact for every legal setting and algorithm.

Pure functions over plain arrays, one concept a file, make the NumPy reference; `compiled` is the fast engine of equal
bits. `model.GoldenModel` feeds either, and `training.fit` runs epochs.
"""
