"""`python -m tests.template_database`: migrate the template before the tests ask for it."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests import template_database  # noqa: E402

template_database.build()
