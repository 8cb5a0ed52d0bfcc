"""BEP-TT: a recurrent cell, layers after its last step, and a classifier."""

from bephw.rtl_gen.learning_layer import LearningLayer
from bephw.rtl_gen.programs.parts import Parts
from bephw.rtl_gen.programs.perceptron import Perceptron
from bephw.rtl_gen.samples.sequencer import stream_beats
from bephw.settings import Settings

__all__ = ["Recurrent"]


class Recurrent(Perceptron):
    """A perceptron whose first layer is a cell: that takes steps, passes on what the last one gives, and takes lessons
    from above as any layer does. What it sends itself, from step to step, stays within it.
    """

    def _make_layers(self, parts: Parts, settings: Settings) -> list[LearningLayer]:
        shapes = (*settings.shapes, settings.classifier_shape)
        steps = stream_beats(settings.network.sizes[0], settings.hardware.stream_width)
        return [
            parts.cell(steps, lesson_width=shapes[1].columns),
            *(
                parts.layer(index, below.all_beats(), lesson_width=above.columns, propagates=True)
                for index, (below, above) in enumerate(zip(shapes, shapes[2:], strict=False), 1)
            ),
        ]
