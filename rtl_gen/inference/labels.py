"""From the classifier's numbers of matches, in beats, to a label."""

from amaranth.hdl import *

from bephw.rtl_gen.inference.beat_argmax import BeatArgmax
from bephw.rtl_gen.inference.beat_scores import BeatScores
from bephw.settings import Settings
from bephw.state import NetworkState

__all__ = ["find_label", "label_latency"]


def find_label(m: Module, settings: Settings, state: NetworkState, counts: Value) -> BeatArgmax:
    """What has `done` and `label` for each sample of `counts`, the beats of the classifier: the class with most
    matches, or where classes have scores with the largest one. Adds its parts to `m`."""
    shape, width = settings.classifier_shape, None
    if state.scales is not None and state.offsets is not None:
        m.submodules.scores = scores = BeatScores(shape, state.scales.tolist(), state.offsets.tolist())
        m.d.comb += scores.counts.eq(counts)
        counts, width = scores.scores, scores.width
    m.submodules.argmax = argmax = BeatArgmax(shape, width)
    m.d.comb += argmax.counts.eq(counts)
    return argmax


def label_latency(settings: Settings) -> int:
    """Cycles from a sample's last beat to its label."""
    shape = settings.classifier_shape
    return (BeatScores.latency(shape) if settings.network.scores else 0) + BeatArgmax.latency(shape)
