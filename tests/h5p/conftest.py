"""Real packages, which lie outside of the repository, and packages made for a test."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.h5p import making


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder of real packages: valid/, invalid/ and content-only/."""
    folder = Path(settings.H5P_PACKAGES_DIR)
    if not folder.is_dir():
        pytest.skip(f"no real H5P packages in {folder} (set H5P_PACKAGES_DIR)")
    return folder


@pytest.fixture
def files() -> making.Files:
    """The files of a small sound package, to be spoiled."""
    return making.sound_files()
