from django.apps import AppConfig


class ModulesConfig(AppConfig):
    name = "modules"
    label = "modules"

    def ready(self) -> None:
        from modules import receivers  # noqa: F401
