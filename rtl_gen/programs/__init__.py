"""Which parts a trainer has, and who sends lessons to whom: a file a program."""
