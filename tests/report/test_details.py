"""Details, folded."""

from bephw.report.details import detail_sections
from bephw.report.documents import Documents


def folds(*documents):
    return {
        fold.title: fold for section in detail_sections(Documents.of(documents)) for fold in section.content["folds"]
    }


def test_each_kind(documents):
    found = folds(documents.DEMO, documents.DOCTOR, documents.PREDICT)
    assert found["Stages of the demo, 1 min 40 s"].table.rows == [["learn", "2.0 s"]]
    assert found["Tools"].table.rows[0][:3] == ["yosys", "wheel", "0.70"]
    assert ("predictions", "0, 1, 2") in found["Predictions"].facts
    assert found["Generated Verilog: bephw_trainer"].table.rows == [["clk", "input", "1"]]
    assert '"gamma": 3' in found["Settings of bephw train: 64-6-3 handwritten digits"].text


def test_the_same_settings_once(documents):
    settings = [
        title for title in folds(documents.TRAIN, documents.SIM, documents.BUILD) if title.startswith("Settings")
    ]
    assert len(settings) == 1


def test_nothing_no_section():
    assert folds({"command": "train"}) == {}
