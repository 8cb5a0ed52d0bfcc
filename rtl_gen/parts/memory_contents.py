"""Quick writing of what memories start with."""

from collections.abc import Iterator
from contextlib import contextmanager

from amaranth.back import rtlil

__all__ = ["memory_contents_by_word"]


@contextmanager
def memory_contents_by_word() -> Iterator[None]:
    """While open, Amaranth writes initial contents of memories word by word into its netlists (RTLIL).

    Amaranth writes them bit by bit, which takes more than half of the time that a large network needs: 19 million bits
    for 784-1024-1024. The text is the same (tests/rtl_gen/parts/test_memory_contents.py).
    """
    original = rtlil.ModuleEmitter.emit_memory
    rtlil.ModuleEmitter.emit_memory = _emit_memory
    try:
        yield
    finally:
        rtlil.ModuleEmitter.emit_memory = original


def _emit_memory(self, cell_idx, cell):
    """In the place of the method of Amaranth's `ModuleEmitter`, whose arguments these are."""
    width, mask = cell.width, (1 << cell.width) - 1
    words = [f"{word & mask:0{width}b}" if width else "" for word in reversed(cell.init)]
    self.builder.cell(
        "$meminit_v2",
        ports={
            "ADDR": self.sigspec(),
            "DATA": f"{width * len(words)}'{''.join(words)}" if width and words else self.sigspec(),
            "EN": f"{width}'{'1' * width}" if width else self.sigspec(),
        },
        parameters={
            "MEMID": self.memories[cell_idx].memid,
            "ABITS": 0,
            "WIDTH": width,
            "WORDS": cell.depth,
            "PRIORITY": 0,
        },
        src_loc=cell.src_loc,
    )
