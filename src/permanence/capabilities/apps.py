"""Capabilities as a Django app."""

from django.apps import AppConfig


class CapabilitiesConfig(AppConfig):
    name = "permanence.capabilities"
    label = "capabilities"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from permanence.capabilities import changes  # noqa: F401  declares to the registry
