"""Who writes interactive content, and a store of one's own."""

from pathlib import Path
from typing import Any

import pytest

from lms.accounts.models import User
from modules.models import CoursePage
from tests.factories.accounts import AdministratorFactory
from tests.factories.h5p import make_editor


@pytest.fixture
def editor(course: CoursePage) -> User:
    return make_editor(course)


@pytest.fixture
def administrator() -> User:
    administrator: User = AdministratorFactory.create()
    return administrator


@pytest.fixture(autouse=True)
def own_store(settings: Any, tmp_path: Path) -> None:
    """Nothing is in it: bytes that an earlier test stored would not be stored again."""
    kept = {**settings.STORAGES["h5p"], "OPTIONS": {"location": str(tmp_path / "h5p")}}
    settings.STORAGES = {**settings.STORAGES, "h5p": kept}
