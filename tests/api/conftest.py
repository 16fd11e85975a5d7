from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from lms.accounts.models import User


@pytest.fixture
def api() -> APIClient:
    return APIClient()


@pytest.fixture
def as_() -> Callable[[User], APIClient]:
    """A client of its own for each person who uses the API."""

    def sign_in(user: User) -> APIClient:
        client = APIClient()
        client.force_authenticate(user)
        return client

    return sign_in
