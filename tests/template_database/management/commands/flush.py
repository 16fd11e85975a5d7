"""What Django calls after a test with real commits: put the template back."""

from typing import Any

from django.core.management.commands.flush import Command as DjangoFlush

from tests import template_database


class Command(DjangoFlush):
    help = __doc__

    def handle(self, **options: Any) -> None:
        template_database.restore()
