"""Handovers as a Django app."""

from django.apps import AppConfig


class HandoverConfig(AppConfig):
    name = "permanence.handover"
    label = "handover"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from permanence.handover import changes  # noqa: F401  declares what explains an open, what goes with an erased patient
