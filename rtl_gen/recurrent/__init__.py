"""A layer that reads its own outputs of the step before: what only a recurrent cell has."""
