"""Operators on the way of a sample, by what they do to it."""
