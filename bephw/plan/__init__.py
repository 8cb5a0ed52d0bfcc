"""Planning before synthesis: cycles, area and clock of a trainer, and the folding that suits a board."""
