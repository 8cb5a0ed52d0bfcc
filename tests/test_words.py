"""Numbers agree with their nouns."""

import ast
import re
from pathlib import Path

import pytest

from bephw.words import counted

REPOSITORY = Path(__file__).resolve().parent.parent
SOURCES = [path for folder in ("bephw", "sim", "boards", "rtl_gen") for path in (REPOSITORY / folder).rglob("*.py")]
# Words behind a number in a message that is about that number; whatever may be one of them says `counted`.
NOUNS = "layers|entries|labels|classes|trials|epochs|seeds|mismatches|dimensions|bits|inputs|outputs|features"
MAY_BE_PLURAL = {  # The number is never 1, or the words are those of a unit or of a table's line.
    ("cli/plan.py", "bits"),
    ("flow/doubts.py", "bits"),
    ("boards/bitstream/stages.py", "bits"),
    ("data/encoding.py", "dimensions"),
    ("data/encoding.py", "features"),  # Also "3 steps of 2".
}


def test_counted():
    assert [counted(number, "layer") for number in (0, 1, 2)] == ["0 layers", "1 layer", "2 layers"]
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_messages_count_by_it(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.JoinedStr):
            continue
        for number, text in zip(node.values, node.values[1:], strict=False):
            if isinstance(number, ast.FormattedValue) and isinstance(text, ast.Constant):
                found = re.match(rf" ({NOUNS})\b(?! (?:a|of) )", str(text.value))
                known = found and any(str(path).endswith(file) and found[1] == noun for file, noun in MAY_BE_PLURAL)
                assert not found or known, f"{path}:{node.lineno}: a number before {found[1]!r}: use counted()"
