"""The golden model: numerics.md in NumPy, exact for every legal setting.

Pure functions over plain arrays, one concept a file; `model.GoldenModel` strings them together and
`training.fit` runs epochs. Bits travel as +1/-1 in float32 through the matrix products: every sum is an
integer of at most 65,535, which float32 holds exactly.
"""
