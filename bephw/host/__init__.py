"""The host's side of a board: docs/host.md in Python, over any port that reads and writes bytes (docs/link.md).

`Trainer` is a board, real or virtual; `GoldenTrainer` has the same methods, and no board.
"""

from __future__ import annotations

from bephw.host.board import Board, connect
from bephw.host.errors import LinkError
from bephw.host.golden_trainer import GoldenTrainer
from bephw.host.trainer import Trainer

__all__ = ["Board", "GoldenTrainer", "LinkError", "Trainer", "connect"]
