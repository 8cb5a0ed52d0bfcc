"""`bephw host watch`: lines where nobody sees a screen; on one, a table."""

import io

from rich.console import Console

from bephw.cli.host.live_view import LiveView
from bephw.data import Dataset
from bephw.host import Trainer
from tests.host.learning_board import SETTINGS, connected
from tests.host.test_trainer import samples


def test_a_line_for_every_epoch(run, settings_path, url):
    code, out, _ = run("host", "watch", settings_path, "--port", url, "--epochs", 2)
    first, second = (line for line in out.splitlines() if line.startswith("epoch"))  # a busy machine has events, too
    assert code == 0
    assert first.startswith("epoch 1 of 2: training ") and first.endswith(" samples/s")
    assert second.startswith("epoch 2 of 2: training ")


def test_what_is_drawn():
    trainer = Trainer(connected(SETTINGS), SETTINGS)
    x, y = samples(SETTINGS, 40)
    view = LiveView(trainer, "words", 2, len(y))
    trainer.fit_dataset(Dataset(x, y, x, y, "words"), epochs=2, progress=view)
    trainer.board.connection.session.resent = 3
    view.on_samples(0)
    view.stop()
    screen = Console(file=io.StringIO(), width=120)
    screen.print(view._draw())
    drawn = screen.file.getvalue()
    assert "80 of 80 samples" in drawn and "samples/s" in drawn
    assert "epoch 2 of 2" in drawn
    assert "link: commands sent again: 3" in drawn
    accuracy = f"{100 * trainer.history[1].test_accuracy:.2f} %"
    assert accuracy in drawn
