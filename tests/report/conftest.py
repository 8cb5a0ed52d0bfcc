"""A page as its sections, and small documents of every command."""

import importlib.util
import re
from pathlib import Path

import pytest


def _load():
    spec = importlib.util.spec_from_file_location("report_documents", Path(__file__).with_name("documents.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def documents():
    """The module documents.py."""
    return _load()


@pytest.fixture(scope="session")
def text():
    """`text(html)`: what a reader reads, on one line."""

    def read(html):
        html = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")

    return read
