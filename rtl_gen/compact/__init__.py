"""The engine for small devices: a few registers between stages, a sweep at every end of a batch."""
