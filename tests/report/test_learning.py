"""The learning section: curve, references, epochs; only what is there."""

import json

from bephw.report.documents import Documents
from bephw.report.learning import learning_sections


def made(*documents):
    return learning_sections(Documents.of(documents))


def series(section):
    """Labels of the chart's lines, and their values by epoch."""
    specification = json.loads(section.content["chart"].specification)
    legend = specification["layer"][0]["encoding"]["color"]["legend"]["labelExpr"]
    labels = json.loads(legend[1 : legend.index("})") + 1])
    return {
        label: {v["epoch"]: v["accuracy"] for v in specification["data"]["values"] if v["series"] == key}
        for key, label in labels.items()
    }


def test_lines_are_those_that_were_measured(documents):
    (section,) = made(documents.FULL_TRAIN)
    lines = series(section)
    assert lines["held out"] == {1: 60.0, 2: 81.25}
    assert lines["logistic regression (64 features, not encoded)"] == {1: 90.0, 2: 90.0}
    assert lines["PyTorch, straight-through estimator (the same 64 bits)"] == {1: 70.0, 2: 87.5}
    assert set(series(made(documents.TRAIN)[0])) == {"training", "held out"}
    untested = [
        {key: value for key, value in row.items() if key != "test_accuracy"} for row in documents.TRAIN["epochs"]
    ]
    assert set(series(made({**documents.TRAIN, "epochs": untested})[0])) == {"training"}


def test_the_goal_is_the_demos(documents):
    assert series(made(documents.DEMO)[0])["goal"] == {1: 80.0, 2: 80.0}


def test_names_may_be_anything(documents):
    hostile = {"name": "a.b[0]'\"\\</script>", "sees": "x", "test_accuracy": 0.5}
    (section,) = made({**documents.TRAIN, "references": [hostile]})
    assert "a.b[0]'\"\\</script> (x)" in series(section)


def test_rows_of_references_and_what_is_absent(documents):
    (section,) = made({**documents.FULL_TRAIN, "references_absent": ["PyTorch: not installed"]})
    rows = [(row["name"], row["accuracy"].replace("\u00a0", " ")) for row in section.content["references"]]
    assert rows == [
        ("this network, 64-6-3", "81.2 %"),
        ("logistic regression", "90.0 %"),
        ("PyTorch, straight-through estimator", "87.5 %"),
    ]
    assert section.content["absent"] == ["PyTorch: not installed"]
    assert not made(documents.TRAIN)[0].content["compared"]


def test_a_reference_that_did_not_converge_is_marked(documents):
    reference = {**documents.REFERENCES["references"][0], "converged": False}
    (section,) = made({**documents.TRAIN, "references": [reference]})
    assert section.content["references"][1]["name"] == "logistic regression (stopped before it converged)"


def test_columns_without_figures_are_left_out(documents):
    table = made(documents.TRAIN)[0].content["epochs"]
    assert table.headings == ["epoch", "training", "held out", "taught", "reinforcement rates", "time"]
    old = {"command": "train", "epochs": [{"epoch": 1, "train_accuracy": 0.5}]}
    assert made(old)[0].content["epochs"].headings == ["epoch", "training"]


def test_what_a_final_sign_costs_stands_beside(documents):
    epochs = [{**epoch, "soft_accuracy": 0.9} for epoch in documents.TRAIN["epochs"]]
    table = made({**documents.TRAIN, "epochs": epochs})[0].content["epochs"]
    assert table.headings[3] == "held out, real numbers"
    assert [row[3] for row in table.rows] == ["90.0\N{NO-BREAK SPACE}%"] * len(epochs)


def test_thousands_of_epochs_stay_a_small_chart(documents):
    epochs = [{"epoch": number, "train_accuracy": 0.5, "test_accuracy": 0.5} for number in range(1, 5001)]
    lines = series(made({**documents.TRAIN, "epochs": epochs})[0])
    assert 200 < len(lines["held out"]) < 310
    assert 5000 in lines["held out"]


def test_no_epochs_no_section():
    assert made({"command": "train"}) == []


def test_the_time_to_train_is_without_compilation(documents):
    (section,) = made({**documents.FULL_TRAIN, "seconds": 27.5, "compilation_seconds": 25.0})
    assert section.content["references"][0]["seconds"] == "2.5 s"
    facts = dict(section.content["facts"])
    assert (facts["time to train"], facts["compiling before, once a machine"]) == ("2.5 s", "25 s")
