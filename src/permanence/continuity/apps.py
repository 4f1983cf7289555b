"""Continuity as a Django app."""

from django.apps import AppConfig


class ContinuityConfig(AppConfig):
    name = "permanence.continuity"
    label = "continuity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from permanence.continuity import changes  # noqa: F401  declares to the registry
