"""Downloads without a network: a stand-in for urlopen."""

import hashlib
import http.client
import io
import urllib.error

import pytest

from bephw.data.download import fetch
from bephw.errors import BephwError

URL = "https://data.example/set.gz"
CONTENT = b"the data set"
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


def _serve(content):
    return lambda url, timeout: io.BytesIO(content)


def _no_network(url, timeout):
    raise urllib.error.URLError("no network here")


def test_kept_in_the_cache(tmp_path):
    path = fetch(URL, CHECKSUM, tmp_path / "cache", open_url=_serve(CONTENT))
    assert path == tmp_path / "cache" / "set.gz"
    assert path.read_bytes() == CONTENT
    assert fetch(URL, CHECKSUM, tmp_path / "cache", open_url=_no_network) == path


def test_a_damaged_copy_is_fetched_again(tmp_path):
    (tmp_path / "set.gz").write_bytes(b"half")
    assert fetch(URL, CHECKSUM, tmp_path, open_url=_serve(CONTENT)).read_bytes() == CONTENT


def test_a_copy_that_cannot_be_read_is_fetched_again(tmp_path):
    (tmp_path / "set.gz").symlink_to(tmp_path / "gone")
    assert fetch(URL, CHECKSUM, tmp_path, open_url=_serve(CONTENT)).read_bytes() == CONTENT


def test_a_damaged_copy_without_a_network(tmp_path):
    (tmp_path / "set.gz").write_bytes(b"half")
    with pytest.raises(BephwError, match=r"cannot be downloaded \(no network here\)"):
        fetch(URL, CHECKSUM, tmp_path, open_url=_no_network)


def test_a_file_that_was_put_beside(tmp_path):
    source = tmp_path / "source" / "set.gz"
    source.parent.mkdir()
    source.write_bytes(CONTENT)
    assert fetch(source.as_uri(), CHECKSUM, tmp_path / "cache").read_bytes() == CONTENT
    source.unlink()
    with pytest.raises(BephwError, match=r"cannot be downloaded"):
        fetch(source.as_uri(), CHECKSUM, tmp_path / "other")


def test_a_download_that_breaks_off(tmp_path):
    class Broken(io.BytesIO):
        def read(self, *_):
            raise http.client.IncompleteRead(b"half", 5)

    with pytest.raises(BephwError, match=rf"^{URL}: cannot be downloaded \(IncompleteRead\(4 bytes read, 5 more"):
        fetch(URL, CHECKSUM, tmp_path, open_url=lambda url, timeout: Broken())
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written(tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(BephwError, match=r"folder .*cache: cannot be made"):
        fetch(URL, CHECKSUM, tmp_path / "cache", open_url=_serve(CONTENT))


def test_another_file_is_refused_and_not_kept(tmp_path):
    with pytest.raises(BephwError, match=rf"^{URL}: SHA-256 must be {CHECKSUM}, not [0-9a-f]{{64}}$"):
        fetch(URL, CHECKSUM, tmp_path, open_url=_serve(b"something else"))
    assert list(tmp_path.iterdir()) == []


def test_no_network_says_what_to_do(tmp_path):
    with pytest.raises(BephwError, match=rf"^{URL}: cannot be downloaded \(no network here\): set BEPHW_DATA to a"):
        fetch(URL, CHECKSUM, tmp_path, open_url=_no_network)
