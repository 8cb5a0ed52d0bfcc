"""How a sample lies in the words of a memory."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

from bephw.settings import Settings
from bephw.shape import ceil_div

__all__ = ["RecordLayout", "record_layout", "words_of_a_step"]


@dataclass(frozen=True)
class RecordLayout:
    """A record: the label, then the words of the sample stream, lowest bits first, then zeros up to a whole word.

    Attributes:
        word: bits in a word of the memory.
        stream_width: in a word of the sample stream.
        stream_words: of a sample; of a recurrent network, of all `data.steps` steps.
        label: bits of it.
    """

    word: int
    stream_width: int
    stream_words: int
    label: int

    @property
    def chunk(self) -> int:
        """Bits; whatever a record has begins at a multiple of so many, so that nothing finer is ever shifted."""
        return gcd(self.word, self.stream_width)

    @property
    def label_chunks(self) -> int:
        """Chunks that the label takes."""
        return ceil_div(self.label, self.chunk)

    @property
    def stream_chunks(self) -> int:
        """Chunks in a word of the sample stream."""
        return self.stream_width // self.chunk

    @property
    def word_chunks(self) -> int:
        """Chunks in a word of the memory."""
        return self.word // self.chunk

    @property
    def used_chunks(self) -> int:
        """Chunks of a record that mean something."""
        return self.label_chunks + self.stream_words * self.stream_chunks

    @property
    def words(self) -> int:
        """Words of the memory that a record takes."""
        return ceil_div(self.used_chunks, self.word_chunks)

    @property
    def padding_chunks(self) -> int:
        """Chunks of zeros at its end."""
        return self.words * self.word_chunks - self.used_chunks


def words_of_a_step(settings: Settings) -> int:
    """Words of the sample stream; of a sample that has no steps, all."""
    return ceil_div(settings.network.sizes[0], settings.hardware.stream_width)


def record_layout(settings: Settings, word: int) -> RecordLayout:
    """Of the trainer's samples, in a memory of `word` bits a word."""
    return RecordLayout(
        word=word,
        stream_width=settings.hardware.stream_width,
        stream_words=words_of_a_step(settings) * (settings.data.steps or 1),
        label=(settings.network.classes - 1).bit_length(),
    )
