"""The design: drawn once, from the figures that say most; nothing where hardware cannot do it."""

import pytest

from bephw.report.design import design_sections, settings_of
from bephw.report.documents import Documents


def made(*documents):
    return design_sections(Documents.of(documents))


def test_one_drawing_of_one_design(documents):
    (section,) = made(documents.BUILD, documents.TRAIN, documents.EMIT, documents.SIM)
    assert section.content["pace"] == "200"
    assert section.content["source"] == "measured in simulation"
    assert len(section.content["boxes"]) == 2
    assert section.content["slowest"].startswith("The busiest part is forward of layer 0: 96 of 200 cycles.")
    assert section.content["phases"].rows[0][0] == "forward of layer 0"


def test_other_folding_is_another_drawing(documents):
    other = {**documents.SIM, "settings": {**documents.NETWORK, "hardware": {"rows": 3, "columns": 8}}}
    assert len(made(documents.SIM, other)) == 2


def test_figures_that_are_not_there_have_no_row(documents):
    facts = {label for label, _, _ in made(documents.EMIT)[0].content["facts"]}
    assert facts == {"lanes"}
    facts = {label for label, _, _ in made(documents.SIM)[0].content["facts"]}
    assert facts == {"lanes", "cycles a training sample", "efficiency", "samples that taught"}


def test_a_plan_is_drawn_with_what_it_predicts(documents):
    (section,) = made(documents.PLAN)
    assert section.content["source"] == "predicted by bephw plan"
    assert "argmax" not in section.content["slowest"]


def test_the_default_folding_of_a_small_network(documents):
    """Columns are 8 by default, which layers of 4 inputs have not: the settings that JSON holds are whole."""
    from bephw.settings import Settings

    small = Settings.build(network={"sizes": [4, 4], "classes": 2})
    document = {"command": "emit", "settings": small.model_dump(mode="json")}
    assert settings_of(document).shapes[0].columns == 4
    assert len(made(document)) == 1


def test_networks_that_hardware_cannot_train_are_not_drawn(documents):
    document = {**documents.TRAIN, "settings": {**documents.NETWORK, "learning": {"algorithm": "ste"}}}
    assert made(document) == []


def test_the_local_rule_has_a_classifier_a_layer_where_it_learns(documents):
    network = {"network": {"sizes": [8, 6, 4], "classes": 3}, "learning": {"algorithm": "lbes"}}
    document = {**documents.SIM, "settings": network, "phases": {"forward 0": 100, "classifier 0": 40}}
    (section,) = made(document)
    assert "own logits" in section.content["boxes"][0]["svg"]
    layers = ["layer 0", "layer 1"]
    assert [row[0] for row in section.content["folding"].rows] == [*layers, "classifier of layer 0", "classifier"]
    (section,) = made({**document, "inference": "folded", "interval": 12, "latency": 40})
    assert [row[0] for row in section.content["folding"].rows] == [*layers, "classifier"]


def test_a_cell_is_drawn_with_its_steps(documents):
    network = {"network": {"sizes": [9, 6, 4], "classes": 3}, "learning": {"algorithm": "bep-tt"}}
    known = {**documents.SIM, "settings": {**network, "data": {"steps": 5}}}
    (section,) = made(known)
    assert "15 → 6, 5 steps" in section.content["boxes"][0]["svg"]
    assert [row[-1] for row in section.content["folding"].rows] == ["60", "4", "3"], "12 cycles a step"
    assert made({**documents.SIM, "settings": network}) == [], "of how many steps, nobody said"
    assert len(made(known, {**documents.SIM, "settings": {**network, "data": {"steps": 4}}})) == 2


@pytest.mark.parametrize("settings", [None, {}, {"network": 5}, {"network": {"sizes": [1]}}, "x"])
def test_settings_that_are_none(settings):
    assert settings_of({"settings": settings}) is None
    assert settings_of({}) is None


def test_inference_is_another_design(documents):
    (section,) = made({**documents.SIM, "inference": "folded", "interval": 12, "latency": 40})
    assert section.content["boxes"] == []
    assert ("cycles between samples", "12", "") in section.content["facts"]
