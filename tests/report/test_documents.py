"""Documents: a demo is its parts; what is no document is refused."""

import pytest

from bephw.errors import BephwError
from bephw.report.documents import Documents


def test_a_demo_is_its_parts(documents):
    found = Documents.of([documents.DEMO, documents.SIM])
    assert [document["command"] for document in found.single] == ["train", "emit", "sim", "build", "sim"]
    assert found.demos == [documents.DEMO]
    assert len(found.by("sim")) == 2


def test_a_demo_that_was_cut_short(documents):
    assert Documents.of([{"command": "demo", "train": documents.TRAIN}]).single == (documents.TRAIN,)


@pytest.mark.parametrize("document", [{}, {"command": "other"}, {"command": None}, {"command": ["sim"]}, [], 4])
def test_what_no_command_writes(document):
    with pytest.raises(BephwError, match=r"^command must be one of accuracy, build, check, demo"):
        Documents.of([document])
    with pytest.raises(BephwError, match=r"^command must be one of"):
        Documents.of([{"command": "demo", "builds": [document or 1]}])


def test_what_a_board_did_is_with_what_the_golden_model_did():
    documents = Documents.of([{"command": "train"}, {"command": "host train"}, {"command": "host predict"}])
    assert [document["command"] for document in documents.by("train")] == ["train", "host train"]
    with pytest.raises(BephwError, match=r"^command must be one of .*, not 'host info'$"):
        Documents.of([{"command": "host info"}])
