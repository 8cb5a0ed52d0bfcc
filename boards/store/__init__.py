"""The sample store: a board keeps a data set, and runs epochs by itself (docs/store.md)."""
