"""`fit` from a board's store: the bits of the golden model, of the line, and of whatever was interrupted."""

import numpy as np
import pytest

from bephw.data import Dataset
from bephw.errors import BephwError
from bephw.golden.streams import epoch_order
from bephw.golden.training import fit
from bephw.host import GoldenTrainer, LinkError, Trainer
from tests.host.learning_board import SETTINGS, LearningBoard, connected
from tests.host.storing_board import StoringBoard
from tests.host.test_trainer import CASES, assert_same, samples, told

STORE = {"board.store": "bram"}


@pytest.fixture(params=CASES)
def settings(request):
    return SETTINGS.replace({**CASES[request.param], **STORE})


def test_the_store_changes_no_bit(settings):
    (x, y), test = (samples(settings, n, n) for n in (61, 20))
    golden = GoldenTrainer(settings).fit(x, y, test=test)
    kept, full, asked = (StoringBoard(settings, room) for room in (61, 60, 61))
    for board, store in ((kept, True), (full, True), (asked, False), (LearningBoard(settings), True)):
        trainer = Trainer(connected(settings, board), settings, store=store).fit(x, y, test=test)
        assert_same(trainer.state, golden.state)
        assert_same(trainer.network, golden.network)
        assert told(trainer.history) == told(golden.history)
        assert (trainer.store is not None) == (board is kept)
        assert trainer.store_refusal == (
            "x must have 1 to 60 samples for this store, not 61" if board is full else None
        )
    assert (kept.loads, kept.runs) == (1, [61] * 3)
    assert (full.loads, asked.loads) == (0, 0)


def test_samples_are_loaded_once_and_only_then(settings):
    x, y = samples(settings, 30)
    board = StoringBoard(settings, 40)
    trainer = Trainer(connected(settings, board), settings).fit(x, y, epochs=1)
    trainer.fit(x, y, epochs=2)
    Trainer(connected(settings, board), settings).fit(x, y, epochs=1)  # after a new connection
    assert board.loads == 1
    trainer = Trainer(connected(settings, board), settings).fit(x[::-1], y[::-1], epochs=1)
    assert board.loads == 2
    assert_same(trainer.state, GoldenTrainer(settings).fit(x[::-1], y[::-1], epochs=1).state)


@pytest.mark.parametrize("when", [1, 30, 61, 90, 140])
def test_a_host_that_died_goes_on_to_the_same_bits(settings, tmp_path, when):
    x, y = samples(settings, 61, 1)
    expected = fit(settings, Dataset(x, y, x[:0], y[:0], "X"))
    board = StoringBoard(settings, 61)
    with pytest.raises(KeyboardInterrupt):
        Trainer(connected(settings, board, samples=when), settings).fit(
            x, y, checkpoint=tmp_path / "c.npz", checkpoint_every=8
        )
    trainer = Trainer(connected(settings, board), settings)
    trainer.fit(x, y, checkpoint=tmp_path / "c.npz", resume=True)
    assert_same(trainer.state, expected.state)
    assert told(trainer.history) == told(expected.history)
    assert board.loads == 1
    assert max(board.runs) <= 61 and min(board.runs) <= 8  # pieces of an epoch, then what is left of it


def test_what_a_store_has_begun_goes_on_without_one(settings, tmp_path):
    x, y = samples(settings, 40, 1)
    expected = fit(settings, Dataset(x, y, x[:0], y[:0], "X"))
    file = {"checkpoint": tmp_path / "c.npz"}
    Trainer(connected(settings, StoringBoard(settings, 40)), settings).fit(x, y, epochs=1, **file)
    GoldenTrainer(settings).fit(x, y, epochs=2, resume=True, **file)
    trainer = Trainer(connected(settings), settings).fit(x, y, resume=True, **file)
    assert_same(trainer.state, expected.state)


def test_progress_is_told():
    settings = SETTINGS.replace(STORE)
    x, y = samples(settings, 300)

    class Told:
        done, kept, epochs = 0, [], 0

        def on_samples(self, count):
            self.done += count

        def on_kept(self, count):
            self.kept.append(count)

        def on_progress(self, progress):
            assert progress.done.position == 300

        def on_epoch(self, epoch):
            self.epochs += 1

    progress = Told()
    Trainer(connected(settings, StoringBoard(settings, 300)), settings).fit(x, y, progress=progress)
    assert (progress.done, progress.epochs) == (900, 3)
    assert progress.kept == sorted(progress.kept) and progress.kept[-1] == 300


def test_the_order_is_that_of_the_settings():
    """Of the board's store, if nothing else is said; and a checkpoint of another order is not gone on from."""
    plain, stored = SETTINGS, SETTINGS.replace(STORE)
    asked = SETTINGS.replace({"learning.order": "stride"})
    refused = stored.replace({"learning.order": "permutation"})
    assert [s.order for s in (plain, stored, asked, refused)] == ["permutation", "stride", "stride", "permutation"]
    orders = [epoch_order(s, 2, 50).tolist() for s in (plain, stored, asked, refused)]
    assert orders[0] == orders[3] != orders[1] == orders[2]
    x, y = samples(plain, 20)
    board = StoringBoard(refused, 20)
    trainer = Trainer(connected(refused, board), refused).fit(x, y)
    assert board.loads == 0 and trainer.store is None
    assert_same(trainer.state, GoldenTrainer(plain).fit(x, y).state)


def test_a_checkpoint_of_another_order(tmp_path):
    x, y = samples(SETTINGS, 20)
    file = tmp_path / "c.npz"
    GoldenTrainer(SETTINGS).fit(x, y, epochs=1, checkpoint=file)
    with pytest.raises(BephwError, match=r"was made with learning\.order = permutation, not stride"):
        GoldenTrainer(SETTINGS.replace(STORE)).fit(x, y, checkpoint=file, resume=True)
    GoldenTrainer(SETTINGS.replace({"learning.order": "permutation"})).fit(x, y, checkpoint=file, resume=True)


def test_a_memory_that_forgets():
    settings = SETTINGS.replace(STORE)
    x, y = samples(settings, 20)
    trainer = Trainer(connected(settings, StoringBoard(settings, 20, faulty=True)), settings)
    with pytest.raises(LinkError, match="memory does not hold the samples that it was sent"):
        trainer.fit(x, y)


@pytest.mark.parametrize("classes", [3, 4])
def test_labels_that_are_no_class_go_over_the_line(classes):
    settings = SETTINGS.replace({**STORE, "network.classes": 3})
    x, y = samples(settings, 20)
    y = np.where(np.arange(20) == 5, classes, y)
    board = StoringBoard(settings, 20)
    data = Dataset(x, y, x[:0], y[:0], "X")
    trainer = Trainer(connected(settings, board), settings).fit_dataset(data)
    assert trainer.store_refusal == f"y must be 0 to 2, not {classes}"
    assert_same(trainer.state, GoldenTrainer(settings).fit_dataset(data).state)
