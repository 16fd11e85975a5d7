from typing import Any

from django.core.management.base import BaseCommand

from peer_exchange.actions.indexing import index_all


class Command(BaseCommand):
    help = "Index every experience anew: after a city or a theme was renamed."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{index_all()} experiences indexed")
