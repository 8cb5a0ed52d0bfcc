"""Equality in one line."""

from bephw.report.documents import Documents
from bephw.report.equality import equality_sections


def lines(*documents):
    return [line for section in equality_sections(Documents.of(documents)) for line in section.content["lines"]]


def test_a_simulation(documents):
    (line,) = lines(documents.SIM)
    assert line["counts"] == "150 samples, 384 counters and 120 predictions"
    assert (line["whole"], line["verdict"], line["equal"]) == ("504", "all equal", True)
    assert line["table"].rows[1] == ["counters 0", "384", "0"]


def test_the_average_of_the_weights(documents):
    compared = [*documents.SIM["compared"], {"what": "average of weights 0", "values": 384, "mismatches": 0}]
    (line,) = lines({**documents.SIM, "compared": compared, "average_accuracy": 0.875})
    assert line["what"].endswith("; with the average of its weights 87.5\u00a0% of held-out samples right")
    assert "384 averaged weights" in line["counts"]


def test_differences_are_listed(documents):
    (line,) = lines({**documents.SIM, "mismatches": 2, "mismatch_lines": ["counters 0[0]: must be 1, not 2"]})
    assert (line["verdict"], line["equal"]) == ("2 differences", False)
    assert line["lines"] == ["counters 0[0]: must be 1, not 2"]


def test_a_vector(documents):
    (line,) = lines(documents.CHECK)
    assert line["what"] == "vector.npz, against golden model and fresh Verilog (verilator)"
    assert line["counts"] == "4,321 values"


def test_nothing_compared_no_section(documents):
    assert lines({"command": "sim"}, documents.TRAIN) == []
    assert lines({"command": "sim", "mismatches": 0})[0]["counts"] == ""


def test_proofs_of_netlists():
    settings = {"network": {"sizes": [8, 6, 4], "classes": 2}}
    proof = {"command": "prove", "settings": settings, "outputs": 4, "proved": 4, "unproved": [], "different": []}
    (line,) = lines({**proof, "vectors": 0, "mismatches": 0})
    assert (line["equal"], line["counts"]) == (True, "4 outputs")
    assert "8-6-4-2" in line["what"] and "4 outputs proved equal for all samples" in line["what"]
    wrong = {"proved": 2, "unproved": [1, 3], "different": [3], "vectors": 1000, "mismatches": 1}
    (line,) = lines({**proof, **wrong})
    assert (line["equal"], line["lines"]) == (False, ["output 3 differs"])
    assert "2 outputs proved equal for all samples, 2 compared on 1,000 random samples" in line["what"]
