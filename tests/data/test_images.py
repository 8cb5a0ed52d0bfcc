"""MNIST and FashionMNIST from a folder, from IDX files, and where there is neither."""

import gzip
import struct

import numpy as np
import pytest

from bephw.data import images, load
from bephw.errors import BephwError
from bephw.settings import Data


def test_mnist_has_the_official_split(data_folder):
    dataset = load(Data(name="mnist"), classes=10, inputs=784, folder=data_folder)
    assert (dataset.x_train.shape, dataset.x_test.shape) == ((60_000, 784), (10_000, 784))
    assert dataset.x_validation is None


def test_fashion_mnist_keeps_a_validation_set_apart(data_folder):
    dataset = load(Data(name="fashion_mnist"), classes=10, inputs=784, folder=data_folder)
    assert [len(part) for part in (dataset.y_train, dataset.y_validation, dataset.y_test)] == [50_000, 10_000, 10_000]
    assert dataset.x_validation.shape == (10_000, 784)
    assert 0.3 < dataset.x_train.mean() < 0.5


def test_folder_without_the_file(tmp_path):
    with pytest.raises(BephwError, match=r"mnist\.npz: cannot be read: No such file or directory$"):
        load(Data(name="mnist"), classes=10, folder=tmp_path)


def test_file_without_the_arrays(tmp_path):
    np.savez(tmp_path / "mnist.npz", x=np.zeros(3))
    with pytest.raises(BephwError, match=r"mnist\.npz: array x_train is missing$"):
        load(Data(name="mnist"), classes=10, folder=tmp_path)


def test_images_of_another_shape(tmp_path):
    np.savez(tmp_path / "fashion_mnist.npz", x=np.zeros((5, 8, 8)), y=np.zeros(5, int))
    with pytest.raises(BephwError, match=r"images must have shape \(n, 28, 28\), not \(5, 8, 8\)$"):
        load(Data(name="fashion_mnist"), classes=10, folder=tmp_path)


def test_damaged_file(tmp_path):
    (tmp_path / "mnist.npz").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(BephwError, match=r"mnist\.npz: not a whole \.npz file of plain arrays: "):
        load(Data(name="mnist"), classes=10, folder=tmp_path)


def test_labels_of_another_shape(tmp_path):
    images = np.zeros((70_000, 28, 28), np.uint8)
    np.savez_compressed(tmp_path / "fashion_mnist.npz", x=images, y=np.zeros((70_000, 1), int))
    with pytest.raises(BephwError, match=r"y must have shape \(70000,\), one label an image, not \(70000, 1\)$"):
        load(Data(name="fashion_mnist"), classes=10, folder=tmp_path)
    small = np.zeros((3, 28, 28), np.uint8)
    np.savez(tmp_path / "mnist.npz", x_train=small, y_train=np.zeros(2, int), x_test=small, y_test=np.zeros(3, int))
    with pytest.raises(BephwError, match=r"^mnist: y_train: must have shape \(3,\), one label a sample, not \(2,\)$"):
        load(Data(name="mnist"), classes=10, folder=tmp_path)


def test_idx_files_are_read(tmp_path, monkeypatch):
    files = {}
    for part, count in (("train", 5), ("t10k", 2)):
        pixels = np.arange(count * 784, dtype=np.uint32).astype(np.uint8)
        files[f"{part}-images-idx3-ubyte.gz"] = struct.pack(">4B3I", 0, 0, 8, 3, count, 28, 28) + pixels.tobytes()
        files[f"{part}-labels-idx1-ubyte.gz"] = struct.pack(">4BI", 0, 0, 8, 1, count) + bytes(range(count))

    def fake(url, checksum, cache):
        name = url.rsplit("/", 1)[1]
        assert len(checksum) == 64
        path = cache / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(files[name]))
        return path

    monkeypatch.setattr(images, "fetch", fake)
    features = images.mnist(None, tmp_path)
    assert features.x_train.shape == (5, 784)
    assert features.x_train[0, :3].tolist() == [0, 1, 2]
    assert features.y_test.tolist() == [0, 1]
