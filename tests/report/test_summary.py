"""The sentence: of what was measured, failures first; key figures; warnings."""

import pytest

from bephw.report.documents import Documents
from bephw.report.summary import key_figures, problems, sentence, warnings_of


def said(*documents):
    return sentence(Documents.of(documents)).replace("\u00a0", " ")


def test_a_demo(documents):
    assert said(documents.DEMO) == (
        "A network of one-bit weights learnt handwritten digits to 81.2 % on held-out samples; "
        "the generated hardware, simulated, equals the golden model in all 504 compared values; "
        "it fits and meets its clock on icebreaker."
    )


def test_a_failed_demo_says_so_first(documents):
    failed = {**documents.DEMO, "passed": False, "problems": ["the clock is missed", "too little is learnt"]}
    assert said(failed).startswith("Not as it should be: the clock is missed; too little is learnt. A network")


@pytest.mark.parametrize(
    ("name", "changes", "problem"),
    [
        ("SIM", {"mismatches": 2}, "64-6-3: 2 differences from the golden model"),
        ("CHECK", {"mismatches": 1}, "vector.npz: 1 difference from the golden model"),
        ("BUILD", {"meets_timing": False, "fmax_mhz": 18.5}, "icebreaker: 20 MHz asked for, 18.50 MHz reached"),
        (
            "BUILD",
            {"meets_timing": False, "memory_fmax_mhz": 125.4, "memory_clock_mhz": 133.35},
            "icebreaker, memory: 133.35 MHz asked for, 125.40 MHz reached",
        ),
        ("DOCTOR", {"missing": ["verilator"]}, "tools are missing: verilator"),
    ],
)
def test_every_failure_leads_and_is_not_praised(documents, name, changes, problem):
    document = {**getattr(documents, name), **changes}
    assert problems(Documents.of([document])) == [problem]
    assert said(document) == f"Not as it should be: {problem}."
    inside = {key: value for key, value in documents.DEMO.items() if key != "problems"} | {"builds": []}
    if name == "SIM":
        assert said({**inside, "sim": document}).startswith(f"Not as it should be: {problem}. A network")


def test_chance_is_no_learning(documents):
    assert said({**documents.TRAIN, "test_accuracy": 1 / 3}) == (
        "A network of one-bit weights did not learn handwritten digits: 33.3 % of held-out samples right, where always "
        "naming one class gives 33.3 %."
    )
    # The largest class counts, where the classes are told.
    classes = [{"name": "a", "samples": 90, "right": 80}, {"name": "b", "samples": 10, "right": 1}]
    skewed = {**documents.TRAIN, "confusion": {"classes": classes}, "test_accuracy": 0.81}
    assert "did not learn" in said(skewed)


def test_other_commands(documents):
    assert said(documents.EMIT) == "Verilog was generated: bephw_trainer."
    assert said(documents.DOCTOR) == "All tools that are needed are installed."
    assert said(documents.PLAN).startswith("A trainer of 8 lanes is planned for ulx3s-85f: 555,556 training samples")
    assert said(documents.PREDICT) == "3 samples classified, 66.7 % right."
    assert said(documents.ACCURACY) == "Accuracies measured: A table (1 row, 2 columns)."
    assert said(documents.TUNE) == "13 trials of A search, best validation accuracy 55.0 %."
    assert said(documents.CHECK).endswith("equals the golden model in all 4,321 compared values.")
    assert "what was checked equals" in said({**documents.CHECK, "rtl": False}).lower()


def test_several_of_one_kind_are_told_apart(documents):
    other = {**documents.TRAIN, "settings": {"network": {"sizes": [9, 5], "classes": 3}}}
    text = said(documents.TRAIN, other, other, other, other)
    assert "(64-6-3)" in text
    assert "2 more trainings are below" in text


def test_what_was_not_measured_is_not_said(documents):
    assert said({"command": "train"}) == "No figures to sum up."
    assert key_figures(Documents.of([{"command": "train"}, {"command": "sim"}, {"command": "build"}])) == []


def test_key_figures(documents):
    values = {
        tile["label"]: tile["value"].replace("\u00a0", " ") for tile in key_figures(Documents.of([documents.DEMO]))
    }
    assert values == {
        "of 30 held-out samples right": "81.2 %",
        "values equal, Verilog and golden model": "504",
        "training samples a second at 20 MHz": "100,000",
        "reached on icebreaker": "25.5 MHz",
    }


def test_speed_is_only_told_of_the_same_design(documents):
    other = {**documents.BUILD, "settings": {**documents.NETWORK, "hardware": {"rows": 3, "columns": 4}}}
    labels = [tile["label"] for tile in key_figures(Documents.of([documents.SIM, other]))]
    assert not any("a second" in label for label in labels)
    assert "clock cycles a training sample" in labels
    profiled = {
        **documents.BUILD,
        "settings": {**documents.NETWORK, "hardware": {**documents.NETWORK["hardware"], "profile": True}},
    }
    assert any("a second" in tile["label"] for tile in key_figures(Documents.of([documents.SIM, profiled])))


def test_warnings_of_all_commands_once(documents):
    train, sim = {**documents.TRAIN, "warnings": ["a", "b"]}, {**documents.SIM, "warnings": ["b", "c"]}
    assert warnings_of(Documents.of([train, sim])) == ["a", "b", "c"]
    assert warnings_of(Documents.of([{**documents.DEMO, "train": train, "sim": sim}])) == ["a", "b", "c"]
