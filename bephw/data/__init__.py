"""Data sets as bits: sources, encoders, splits. See `bephw.data.load`."""

from bephw.data.dataset import Dataset
from bephw.data.encoding import Encoding
from bephw.data.fitting import fit_encoding
from bephw.data.loading import load

__all__ = ["Dataset", "Encoding", "fit_encoding", "load"]
