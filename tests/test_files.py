"""Files appear whole or not at all; what is no regular file is written into, never replaced."""

import json
import os
import socket
import stat
import subprocess
import sys
import threading

import pytest

from bephw import files
from bephw.errors import BephwError
from bephw.files import check_distinct, check_writable, errors_named, write_bytes, write_json

is_root = os.geteuid() == 0
not_for_root = pytest.mark.skipif(is_root, reason="root may write everywhere")


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "figures.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["figures.json"]


def test_folders_are_made(tmp_path):
    write_bytes(tmp_path / "a" / "b", b"x")
    assert (tmp_path / "a" / "b").read_bytes() == b"x"


def test_no_path_no_file():
    write_json(None, {"a": 1})
    check_writable(None)


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BephwError, match=r"file: cannot be made: File exists$"):
        check_writable(tmp_path / "file" / "x")
    with pytest.raises(BephwError, match=r"is a folder, not a file to write$"):
        check_writable(tmp_path)
    with pytest.raises(BephwError, match=r"cannot be written: File name too long$"):
        check_writable(tmp_path / ("x" * 300))


def test_links_are_followed(tmp_path):
    (tmp_path / "there").mkdir()
    target, link, chain = tmp_path / "there" / "target", tmp_path / "link", tmp_path / "chain"
    link.symlink_to("there/target")
    chain.symlink_to(link)
    for content in (b"the target is not there yet", b"and now it is"):
        check_writable(chain)
        write_bytes(chain, content)
        assert target.read_bytes() == content
        assert chain.is_symlink() and link.is_symlink() and not target.is_symlink()
    assert [entry.name for entry in (tmp_path / "there").iterdir()] == ["target"]


def test_links_to_folders_that_are_not_there_yet(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "missing" / "x")
    write_bytes(tmp_path / "link", b"1")
    assert (tmp_path / "missing" / "x").read_bytes() == b"1"
    (tmp_path / "folder").symlink_to(tmp_path / "other")
    write_bytes(tmp_path / "folder" / "y", b"2")
    assert (tmp_path / "other" / "y").read_bytes() == b"2"


@pytest.mark.parametrize("act", [check_writable, lambda path: write_bytes(path, b"")])
def test_links_in_a_circle(tmp_path, act):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(BephwError, match=r"a: cannot be written: its symbolic links go round in a circle$"):
        act(tmp_path / "a")


def test_a_pipe_is_written_into(tmp_path):
    pipe, link, got = tmp_path / "pipe", tmp_path / "link", []
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    check_writable(pipe)  # Does not wait for a reader.
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    content = bytes(range(256)) * 1000  # More than a pipe holds at once.
    write_bytes(link, content)
    reader.join(10)
    assert got == [content]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_is_written_into(tmp_path):
    device = tmp_path / "null"
    try:
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        device.write_bytes(b"x")
    except OSError:
        pytest.skip("devices cannot be made here")
    check_writable(device)
    write_bytes(device, b"x")
    assert stat.S_ISCHR(device.stat().st_mode)
    assert [entry.name for entry in tmp_path.iterdir()] == ["null"]


def test_a_full_device_is_said():
    with pytest.raises(BephwError, match=r"^/dev/full: cannot be written: No space left on device$"):
        write_bytes(files.Path("/dev/full"), b"x")


def test_a_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # The names of sockets must be short.
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        for act in (check_writable, lambda path: write_bytes(path, b"")):
            with pytest.raises(BephwError, match=r"^s: is a socket, not a file to write$"):
                act(files.Path("s"))
        assert stat.S_ISSOCK(os.stat("s").st_mode)


DESCRIPTORS = """
import sys
from pathlib import Path
from bephw.files import check_writable, write_bytes
print("before")
for path in map(Path, sys.argv[1:]):
    check_writable(path)
    write_bytes(path, b"bytes\\n")
print("after")
"""


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
def test_standard_output_is_written_into_in_order(tmp_path, path):
    """Also where it is a file: what was printed before stays."""
    (tmp_path / "link").symlink_to("/dev/stdout")
    with open(tmp_path / "out", "w") as out:
        subprocess.run([sys.executable, "-c", DESCRIPTORS, path, path], stdout=out, cwd=tmp_path, check=True)
    assert (tmp_path / "out").read_text() == "before\nbytes\nbytes\nafter\n"
    piped = subprocess.run([sys.executable, "-c", DESCRIPTORS, path], capture_output=True, cwd=tmp_path, check=True)
    assert piped.stdout == b"before\nbytes\nafter\n"


def test_a_descriptor_that_is_not_open():
    with pytest.raises(BephwError, match=r"^/dev/fd/987: cannot be written: descriptor 987 is not open$"):
        check_writable(files.Path("/dev/fd/987"))


def test_the_mode_is_kept_and_new_files_get_that_of_any(tmp_path):
    path = tmp_path / "x"
    old = os.umask(0o027)
    try:
        write_bytes(path, b"1")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        for mode in (0o600, 0o664, 0o755):
            path.chmod(mode)
            write_bytes(path, b"2")
            assert stat.S_IMODE(path.stat().st_mode) == mode
    finally:
        os.umask(old)


@pytest.mark.skipif(not is_root, reason="only root gives files away")
def test_the_owner_is_kept(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"1")
    os.chown(path, 65534, 65534)
    write_bytes(path, b"2")
    assert (path.stat().st_uid, path.stat().st_gid, path.read_bytes()) == (65534, 65534, b"2")


@not_for_root
def test_a_read_only_file_is_refused(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"1")
    path.chmod(0o444)
    for act in (check_writable, lambda path: write_bytes(path, b"2")):
        with pytest.raises(BephwError, match=r"x: cannot be written: Permission denied$"):
            act(path)
    assert path.read_bytes() == b"1"


@pytest.mark.parametrize("number", ["EACCES", "EPERM", "EROFS", "EBUSY", "EXDEV"])
def test_in_place_where_a_file_cannot_be_replaced(tmp_path, monkeypatch, number):
    """A folder without permission, or a file that is mounted by itself, as containers do."""
    path = tmp_path / "x"
    path.write_bytes(b"long old content")
    inode = path.stat().st_ino

    def refuse(*_):
        raise OSError(getattr(__import__("errno"), number), "refused")

    monkeypatch.setattr(os, "replace", refuse)
    check_writable(path)
    write_bytes(path, b"new")
    assert (path.read_bytes(), path.stat().st_ino) == (b"new", inode)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x"]


def test_a_full_disk_in_place_leaves_the_old_content(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    overwrite, calls = files._overwrite, []

    def full(file, content):
        calls.append(content)
        overwrite(file, content[:1] if len(calls) == 1 else content)
        if len(calls) == 1:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_overwrite", full)
    with pytest.raises(OSError, match="No space left"):
        files._write_in_place(path, b"new")
    assert path.read_bytes() == b"old"


def test_outputs_that_are_one_file(tmp_path):
    a, b, link = tmp_path / "a", tmp_path / "b", tmp_path / "link"
    link.symlink_to(a)
    check_distinct({"--json": a, "--curve": b, "--state": None})
    with pytest.raises(BephwError, match=r"^--curve .*link: would overwrite --json: choose another name$"):
        check_distinct({"--json": a, "--curve": link})
    a.write_text("")
    with pytest.raises(BephwError, match=r"^--json .*link: would overwrite SETTINGS: choose another name$"):
        check_distinct({"--json": link}, {"SETTINGS": a})
    null = files.Path("/dev/null")
    check_distinct({"--json": null, "--state": null}, {"SETTINGS": null})


def test_errors_without_a_name_get_one(tmp_path):
    with pytest.raises(BephwError, match=r"^here: cannot be written: No space left on device$"), errors_named("here"):
        raise OSError(28, "No space left on device")
    with pytest.raises(FileNotFoundError), errors_named("here"):
        (tmp_path / "no").read_bytes()


def test_in_place_where_the_owner_cannot_be_kept(tmp_path, monkeypatch):
    """A file of somebody else that one may write stays theirs."""
    path = tmp_path / "x"
    path.write_bytes(b"long old content")
    inode, real = path.stat().st_ino, os.stat

    def foreign(name, **options):
        found = real(name, **options)
        return os.stat_result((*found[:4], 1234, 1234, *found[6:])) if name == path else found

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "stat", foreign)
    monkeypatch.setattr(os, "chown", refuse)
    write_bytes(path, b"new")
    assert (path.read_bytes(), real(path).st_ino) == (b"new", inode)
