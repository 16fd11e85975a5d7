"""Packages made for a test."""

import pytest

from tests.h5p import making


@pytest.fixture
def files() -> making.Files:
    """The files of a small sound package, to be spoiled."""
    return making.sound_files()
