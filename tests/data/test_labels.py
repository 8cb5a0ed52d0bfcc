"""Labels of every kind become numbers from 0, and come back by name."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bephw.data.labels import first_bad_label, known_labels, number_labels
from bephw.errors import BephwError


def numbered(labels, classes=0):
    found = number_labels({"y": np.array(labels)}, classes)
    return found.parts["y"].tolist(), found.names, found.classes


@pytest.mark.parametrize(
    ("labels", "classes", "expected"),
    [
        ([0, 2, 1], 0, ([0, 2, 1], None, 3)),
        ([0, 2], 3, ([0, 2], None, 3)),  # A class without samples keeps its number.
        ([0, 2], 0, ([0, 1], ("0", "2"), 2)),
        ([1, 2, 3], 0, ([0, 1, 2], ("1", "2", "3"), 3)),
        ([1, 2, 3], 3, ([0, 1, 2], ("1", "2", "3"), 3)),
        ([1, 2], 3, ([1, 2], None, 3)),
        ([-1, 1, -1], 2, ([0, 1, 0], ("-1", "1"), 2)),
        ([10, 2], 2, ([1, 0], ("2", "10"), 2)),
        ([True, False], 2, ([1, 0], ("False", "True"), 2)),
        ([1.0, 2.0], 0, ([0, 1], ("1", "2"), 2)),
        ([1e20, -0.0], 0, ([1, 0], ("0", "100000000000000000000"), 2)),
        (["b", "a", " b "], 0, ([1, 0, 1], ("a", "b"), 2)),
        (["10", "2", "2.0"], 0, ([1, 0, 0], ("2", "10"), 2)),
        (["0", "1"], 0, ([0, 1], None, 2)),
        (["10", "2", "x"], 0, ([0, 1, 2], ("10", "2", "x"), 3)),
        (["0.5", "x"], 0, ([0, 1], ("0.5", "x"), 2)),
        ([b"a", b"b"], 0, ([0, 1], ("a", "b"), 2)),
        ([2**63, 5], 2, ([1, 0], ("5", "9223372036854775808"), 2)),
        (["a", "b"], 5, ([0, 1], ("a", "b"), 5)),
    ],
)
def test_kinds(labels, classes, expected):
    if 2**63 in labels:
        labels = np.array(labels, np.uint64)
    assert numbered(labels, classes) == expected


def test_parts_share_their_classes():
    found = number_labels({"train": np.array([3, 1]), "test": np.array(["1", "7"])})
    assert {source: y.tolist() for source, y in found.parts.items()} == {"train": [1, 0], "test": [0, 2]}
    assert found.names == ("1", "3", "7")


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        ([0.5, 1.0], 0, "y: label of sample 0 must be a whole number or a word, not 0.5"),
        (["1", "0.5"], 0, "y: label of sample 1 must be a whole number or a word, not 0.5"),
        ([1.0, np.nan], 0, "y: label of sample 1 is missing"),
        (["a", ""], 0, "y: label of sample 1 is missing"),
        ([0, 1, 2], 2, r"y: label of sample 2 must be 0 to 1 (network.classes = 2), not 2"),
        ([-1, 0, 1], 2, r"y: label of sample 0 must be 0 to 1 (network.classes = 2), not -1"),
        (["a", "b", "c"], 2, "y: network.classes must be 3, one for each label (a, b, c), or 0, not 2"),
        ([1 + 2j], 0, "y: labels must be whole numbers, booleans or words, not complex128"),
    ],
)
def test_what_is_no_label(labels, classes, message):
    with pytest.raises(BephwError) as caught:
        numbered(labels, classes)
    assert str(caught.value) == message


def test_infinity_is_no_label():
    with pytest.raises(BephwError, match=r"^y: label of sample 1 must be a whole number or a word, not inf$"):
        numbered([1.0, np.inf])


def test_objects_are_refused():
    with pytest.raises(BephwError, match="labels must be whole numbers, booleans or words, not object"):
        number_labels({"y": np.array([1, "a"], object)})


WORDS = (
    st.text(min_size=1, max_size=6).map(str.strip).filter(lambda word: first_bad_label([word], numeric=False) is None)
)
KINDS = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1),
    st.lists(st.booleans(), min_size=1),
    st.lists(st.integers(-(10**9), 10**9).map(float), min_size=1),
    st.lists(WORDS.filter(lambda word: "\0" not in word), min_size=1),
)


@given(KINDS, st.integers(0, 100))
def test_every_label_comes_back_by_its_name(labels, spare):
    y = np.array(labels)
    classes = len(set(labels)) + spare
    found = number_labels({"y": y}, classes)
    numbers = found.parts["y"]
    assert numbers.dtype == np.int64 and numbers.min() >= 0 and numbers.max() < found.classes == classes
    if found.names is None:
        assert [int(label) for label in labels] == numbers.tolist()
        return
    names = [found.names[number] for number in numbers]
    for label, name in zip(labels, names, strict=True):
        same = isinstance(label, float) or str(label) == name
        assert same or int(float(label)) == int(name) or int(label) == int(name)
    # Equal labels, equal numbers; and numbers rise as labels do.
    assert len(set(names)) <= len(set(labels))
    np.testing.assert_array_equal(known_labels("new", y, found.names, classes), numbers)


def test_labels_of_new_samples():
    names = ("benign", "malignant")
    assert known_labels("new", np.array(["malignant", "benign"]), names, 2).tolist() == [1, 0]
    assert known_labels("new", np.array([1, 0]), names, 2).tolist() == [1, 0]
    assert known_labels("new", np.array(["1.0", "-1"]), ("-1", "1"), 2).tolist() == [1, 0]
    assert known_labels("new", np.array([2, 1]), None, 3).tolist() == [2, 1]
    with pytest.raises(BephwError, match=r"^new: label of sample 1 must be one of benign, malignant, not unknown$"):
        known_labels("new", np.array(["benign", "unknown"]), names, 2)
    with pytest.raises(BephwError, match=r"^new: label of sample 0 must be 0 to 1, not 2$"):
        known_labels("new", np.array([2, 1]), None, 2)
