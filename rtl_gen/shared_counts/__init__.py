"""Counts of agreement with many constant words at once, which share their sums."""
