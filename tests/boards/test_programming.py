"""bephw.boards.programming: what is run, and what is said where it fails. The loader is a stand-in on PATH."""

import json
import sys
from dataclasses import replace

import pytest

from bephw import toolchain
from bephw.boards import board
from bephw.boards.programming import find_bitstream, program
from bephw.errors import BephwError


@pytest.fixture
def loader(tmp_path, monkeypatch):
    """Puts a program on an otherwise empty PATH, which notes its arguments, prints and ends as it is told; returns a
    function that does so, and returns a function that reads the arguments."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(toolchain, "_from_wheel", lambda name, path: None)
    toolchain._find.cache_clear()

    def make(name="openFPGALoader", said="", code=0):
        noted = tmp_path / f"{name}.json"
        script = folder / name
        script.write_text(
            f"#!{sys.executable}\nimport json, sys\nif sys.argv[1:2] == ['--Version']: sys.exit(print('v1.2.3'))\n"
            f"json.dump(sys.argv[1:], open({str(noted)!r}, 'w'))\nprint({said!r})\nsys.exit({code})\n"
        )
        script.chmod(0o755)
        return lambda: json.loads(noted.read_text())

    yield make
    toolchain._find.cache_clear()


@pytest.fixture
def bitstream(tmp_path):
    path = tmp_path / "bephw.bit"
    path.write_bytes(b"bits")
    return path


@pytest.mark.parametrize(
    ("name", "choices", "arguments"),
    [
        ("ulx3s-85f", {}, ["-b", "ulx3s"]),
        ("ulx3s-85f", {"flash": True}, ["-b", "ulx3s", "-f"]),
        ("colorlight-5a-75b", {"cable": "ft232"}, ["-b", "colorlight", "-c", "ft232"]),
        ("versa-ecp5", {"cable": "usb-blaster"}, ["-c", "usb-blaster"]),
        ("icebreaker", {}, ["-b", "ice40_generic"]),
        ("icesugar", {"cable": "ft232"}, ["-c", "ft232"]),
    ],
)
def test_what_is_run(loader, bitstream, name, choices, arguments):
    noted, lines = loader(said="empty\nLoad SRAM: [====] 100.00%"), []
    program(board(name), bitstream, **choices, on_line=lines.append)
    assert noted() == [*arguments, str(bitstream)]
    assert lines == ["Load SRAM: [====] 100.00%"]


def test_iceprog_does_where_it_is_all_there_is(loader, bitstream):
    noted = loader("iceprog")
    program(board("icebreaker"), bitstream)
    assert noted() == [str(bitstream)]
    with pytest.raises(BephwError, match=r"^openFPGALoader is needed to write a bitstream to a board and was not"):
        program(board("ulx3s-85f"), bitstream)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("unable to open ftdi device: -3 (device not found)\nJTAG init failed", r"was not found on USB .* connect it"),
        ("DFU init failed with: No DFU compatible device found", r"was not found on USB .*: connect it, in its boot"),
        ("unable to open ftdi device: -4 (usb_open() failed)", r"no rights on the USB device .*/udev/rules.* dialout$"),
        ("LIBUSB_ERROR_ACCESS", r"no rights on the USB device .*: as root, write SUBSYSTEM"),
        (
            "x: error while loading shared libraries: libusb-1.0.so.0: no",
            r"openFPGALoader needs libusb-1\.0\.so\.0: inst",
        ),
        ("fail\nwrong idcode", r"openFPGALoader failed: wrong idcode$"),
        ("", r"openFPGALoader failed: it said nothing$"),
    ],
)
def test_what_is_said_of_a_failure(loader, bitstream, said, message):
    loader(said=said, code=1)
    with pytest.raises(BephwError, match=rf"^ulx3s-85f: {message}") as raised:
        program(board("ulx3s-85f"), bitstream)
    assert "\n" not in str(raised.value)


def test_boards_with_a_way_of_their_own(loader, bitstream):
    loader()
    with pytest.raises(BephwError, match=r"^icesugar shows up as a USB drive: copy the bitstream there$"):
        program(board("icesugar"), bitstream)
    with pytest.raises(BephwError, match=r"^mine needs --cable, and a JTAG cable that openFPGALoader knows$"):
        program(replace(board("ulx3s-12f"), name="mine", programmer=()), bitstream)


def test_the_bitstream_of_a_build(tmp_path):
    target = board("ulx3s-12f")
    with pytest.raises(BephwError, match=r"none: no such bitstream or folder: make one with `bephw build"):
        find_bitstream(target, tmp_path / "none")
    with pytest.raises(BephwError, match=r"has no bephw\.bit: make it with `bephw build --board ulx3s-12f`"):
        find_bitstream(target, tmp_path)
    (tmp_path / "bephw.bit").write_bytes(b"bits")
    assert find_bitstream(target, tmp_path) == tmp_path / "bephw.bit"
    (tmp_path / "build.json").write_text('{"board": "icebreaker"}')
    with pytest.raises(BephwError, match=r": was built for icebreaker, not for ulx3s-12f$"):
        find_bitstream(target, tmp_path)
    with pytest.raises(BephwError, match=r"bephw\.bit: a bitstream for icebreaker must end in \.bin"):
        find_bitstream(board("icebreaker"), tmp_path / "bephw.bit")
