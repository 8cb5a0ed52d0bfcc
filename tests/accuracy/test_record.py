"""Which epoch's accuracy counts."""

from bephw.accuracy.record import Record


def test_the_last_epoch_or_the_first_of_the_best_by_validation(outcome):
    record = Record(settings={}, **outcome(0.1, 0.2, 0.3, 0.4, validation=[0.5, 0.7, 0.7, 0.6]))
    assert record.accuracy("last") == 0.4
    assert record.accuracy("best_validation") == 0.2


def test_no_samples_no_accuracy(outcome):
    assert Record(settings={}, **outcome(0.1, 0.2)).accuracy("best_validation") is None
    assert Record(settings={}, **outcome(None)).accuracy("last") is None
