"""A virtual board at a TCP port and a pseudo-terminal: hosts come, go, die, and learn what the golden model does."""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from bephw.errors import BephwError
from bephw.host import GoldenTrainer, LinkError, Trainer
from bephw.virtual.served import ServedBoard
from tests.virtual.conftest import PERCEPTRON, compiled_board

SETTINGS = PERCEPTRON.replace({"learning.epochs": 2})


def samples(count=60):
    rng = np.random.default_rng(1)
    return rng.integers(0, 2, (count, 7)), rng.integers(0, 3, count)


@pytest.fixture
def golden():
    return GoldenTrainer(SETTINGS).fit(*samples())


@pytest.fixture
def events():
    return []


@pytest.fixture
def served(perceptron, events):
    board = PERCEPTRON.board
    with ServedBoard(perceptron, board.clock_mhz, board.baud, on_event=events.append) as found:
        yield found


def assert_same(found, expected):
    arrays = expected.to_arrays()
    for name, array in found.to_arrays().items():
        assert array.tolist() == arrays[name].tolist(), name


def wait_for(done):
    for _ in range(1000):
        if done():
            return
        time.sleep(0.01)
    pytest.fail("it does not happen")


def test_one_host_after_another_by_either_way(served, events, golden):
    tcp, terminal = served.urls
    assert tcp.startswith("socket://localhost:") and terminal.startswith("/dev/")
    for url in (tcp, terminal, tcp):
        with Trainer(url, SETTINGS) as trainer:
            trainer.fit(*samples())
            assert_same(trainer.state, golden.state)
            assert trainer.predict(samples()[0]).tolist() == golden.predict(samples()[0]).tolist()
        wait_for(lambda: events and events[-1] == "gone")
    came = [event for event in events if not event.startswith("cycles")]
    assert came == ["host tcp", "gone", "host pty", "gone", "host tcp", "gone"]


def test_a_host_that_comes_as_soon_as_another_has_left(perceptron):
    """When it is told that a host is gone, the next one is let in."""
    ends = queue.SimpleQueue()
    board = PERCEPTRON.board
    with ServedBoard(perceptron, board.clock_mhz, board.baud, terminal=False, on_event=ends.put) as served:
        address = ("localhost", int(served.urls[0].rpartition(":")[2]))
        for _ in range(300):
            socket.create_connection(address).close()
            while ends.get(timeout=10) != "gone":
                pass


def test_a_refused_host_comes_again(served):
    """A board needs a moment to see that a host has left."""
    tcp, _ = served.urls
    with socket.create_connection(("localhost", int(tcp.rpartition(":")[2]))) as other:
        threading.Timer(0.1, other.close).start()
        with Trainer(tcp, SETTINGS) as trainer:
            trainer.partial_fit(*samples(9))


def test_a_second_host_is_refused(served, events):
    tcp, terminal = served.urls
    for url, kind in ((tcp, "tcp"), (terminal, "pty")):
        with Trainer(url, SETTINGS) as trainer:
            with pytest.raises(BephwError, match=f"port {tcp} cannot be opened: .* another host is connected"):
                Trainer(tcp, SETTINGS)
            wait_for(lambda came=f"host {kind}": came in events)
            trainer.partial_fit(*samples(9))
        wait_for(lambda: events[-1] == "gone")


def test_a_host_that_died_goes_on_to_the_same_bits(served, events, golden, tmp_path):
    """Killed with kill -9 when it has written a checkpoint within an epoch, the next one goes on from that."""
    tcp, _ = served.urls
    program = (
        "import sys\n"
        "from bephw.host import Trainer\n"
        "from tests.virtual.test_served import SETTINGS, samples\n"
        "Trainer(sys.argv[1], SETTINGS).fit(*samples(), checkpoint=sys.argv[2], checkpoint_every=5)\n"
    )
    file = tmp_path / "c.npz"
    with subprocess.Popen([sys.executable, "-c", program, tcp, str(file)], cwd=os.getcwd()) as process:
        wait_for(lambda: process.poll() is not None or (file.exists() and under_way(file)))
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    wait_for(lambda: events[-1] == "gone")
    with Trainer(tcp, SETTINGS) as trainer:
        trainer.fit(*samples(), checkpoint=file, resume=True)
        assert_same(trainer.state, golden.state)
        assert [epoch.train_accuracy for epoch in trainer.history] == [epoch.train_accuracy for epoch in golden.history]


def under_way(file):
    with np.load(file) as arrays:
        return "position" in str(arrays["under_way"])


def test_a_board_that_was_switched_off_in_an_epoch(served, events, golden, tmp_path):
    tcp, _ = served.urls
    file = {"checkpoint": tmp_path / "c.npz", "checkpoint_every": 5}

    class SwitchOff:
        def on_samples(self, count): ...
        def on_epoch(self, epoch): ...
        def on_progress(self, progress):
            if (progress.epoch, progress.done.position) == (2, 25):
                served.power_up()

    with Trainer(tcp, SETTINGS) as trainer, pytest.raises(LinkError, match="the board was reset"):
        trainer.fit(*samples(), progress=SwitchOff(), **file)
    wait_for(lambda: events[-1] == "gone")
    with Trainer(tcp, SETTINGS) as trainer:
        trainer.fit(*samples(), resume=True, **file)
        assert_same(trainer.state, golden.state)


def test_a_port_that_is_taken(perceptron):
    message = "the virtual board cannot be served: TCP port: Address already in use"
    with socket.create_server(("localhost", 0)) as taken, pytest.raises(BephwError, match=message):
        ServedBoard(perceptron, 24, 3e6, tcp=taken.getsockname()[1])


def test_it_ends_with_whoever_serves_it(perceptron):
    with ServedBoard(perceptron, 24, 3e6, terminal=False) as served:
        process = served.process
        assert len(served.urls) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@pytest.mark.slow
def test_without_its_uart_it_learns_the_same(golden, tmp_path_factory):
    program = compiled_board(PERCEPTRON, tmp_path_factory, fast=True)
    with ServedBoard(program, PERCEPTRON.board.clock_mhz, PERCEPTRON.board.baud) as served:
        for url in served.urls:
            with Trainer(url, SETTINGS) as trainer:
                assert_same(trainer.fit(*samples()).state, golden.state)
