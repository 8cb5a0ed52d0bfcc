"""Counting bits: the arithmetic of XNOR and population count, and what each chip family makes of it."""
