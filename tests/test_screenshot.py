"""The picture of the report in the README: there, and small."""

from pathlib import Path

from PIL import Image

REPOSITORY = Path(__file__).resolve().parent.parent


def test_the_picture_is_small_and_whole():
    path = REPOSITORY / "docs" / "report.png"
    assert path.stat().st_size < 300_000
    with Image.open(path) as picture:
        assert picture.size == (1100, 1960)
