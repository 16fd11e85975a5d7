from django.apps import AppConfig
from django.forms import CharField

from lms.core.text import refuse_unstorable


class CoreConfig(AppConfig):
    name = "lms.core"
    label = "core"

    def ready(self) -> None:
        # Also in the forms of Wagtail and Django's admin: an editor that writes JSON hands
        # over half of a character when somebody deletes half of an emoji. Django itself
        # refuses NUL in each of these fields and nothing else.
        CharField.default_validators = [*CharField.default_validators, refuse_unstorable]
