"""bephw: hardware that trains binary neural networks, and the golden model that says what it must compute."""

__version__ = "0.1.0"
