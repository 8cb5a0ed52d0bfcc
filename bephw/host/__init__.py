"""The host's side of a board: docs/link.md in Python, over any port that reads and writes bytes."""
