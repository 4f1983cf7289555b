"""Replicas as a Django app."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "permanence.sync"
    label = "sync"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from permanence.sync import changes  # noqa: F401  declares to the registry
