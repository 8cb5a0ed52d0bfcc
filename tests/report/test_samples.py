"""Samples: images, series, bits and rows of a table."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from bephw.report.documents import Documents
from bephw.report.samples import sample_sections


def made(documents, kind, shape, **changes):
    (section,) = sample_sections(
        Documents.of([{**documents.TRAIN, "examples": {**documents.examples(kind, shape), **changes}}])
    )
    return section


def pixels(uri):
    return np.array(Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/png;base64,")))))


def test_an_image_is_its_pixels(documents):
    section = made(documents, "image", (2, 3))
    (wrong,), (right,) = section.content["wrong"], section.content["right"]
    assert (wrong["label"], wrong["prediction"], right["label"]) == ("dog", "cat", "cat")
    assert pixels(wrong["image"]).tolist() == [[0, 42, 85], [127, 170, 212]]


def test_bits_become_a_near_square(documents):
    assert pixels(made(documents, "bits", (10,), low=0, high=1).content["wrong"][0]["image"]).shape == (3, 4)


@pytest.mark.parametrize(("shape", "curves"), [((5,), 1), ((5, 3), 3), ((1,), 1)])
def test_a_series_has_a_curve_a_channel(documents, shape, curves):
    (wrong,) = made(documents, "series", shape).content["wrong"]
    assert len(wrong["curves"]) == curves
    assert len(wrong["curves"][0].split(" ")) == shape[0]


def test_rows_of_a_table_are_their_values(documents):
    (wrong,) = made(documents, "features", (3,)).content["wrong"]
    assert wrong["pairs"] == [("x0", "0"), ("x1", "1"), ("x2", "2")]


def test_constant_values_divide_nothing(documents):
    assert pixels(made(documents, "image", (2, 2), low=3, high=3).content["wrong"][0]["image"]).max() == 0
    made(documents, "series", (4,), low=3, high=3)


def test_the_sentence(documents):
    text = made(documents, "image", (2, 2)).content["text"].replace("\u00a0", " ")
    assert text == "Of 30 held-out samples of handwritten digits, 27 are right and 3 wrong (10.0 %)."
    assert made(documents, "image", (2, 2), right=30, wrong=0).content["text"].endswith("30 are right, all of them.")


def test_no_samples_no_section(documents):
    assert sample_sections(Documents.of([documents.TRAIN])) == []
