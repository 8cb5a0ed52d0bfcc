"""bephw: hardware that trains binary neural networks, and the golden model that says what it must compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bephw.estimator import BephwClassifier

__all__ = ["BephwClassifier", "__version__"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`BephwClassifier`, imported when it is first asked for: `import bephw` alone stays light."""
    if name == "BephwClassifier":
        from bephw.estimator import BephwClassifier

        return BephwClassifier
    raise AttributeError(f"module 'bephw' has no attribute {name!r}")
