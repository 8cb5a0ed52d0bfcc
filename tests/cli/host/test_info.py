"""`bephw host info`: what a board says of itself."""

import json

from tests.host.model_board import ModelBoard
from tests.host.served import served


def test_the_identity(run, url, tmp_path):
    code, out, _ = run("host", "info", "--port", url, "--json", tmp_path / "i.json")
    assert code == 0
    assert "64, 6" in out and "bep" in out
    found = json.loads((tmp_path / "i.json").read_text())
    assert found["command"] == "host info"
    assert found["identity"]["sizes"] == [64, 6] and found["identity"]["classes"] == 10


def test_what_is_no_board_of_ours(run):
    with served(ModelBoard(b"other" + bytes(91))) as url:
        code, _, err = run("host", "info", "--port", url)
    assert code == 2
    assert err == "bephw: error: what answers is no bephw board: its identity must begin with b'bephw', not b'other'\n"
