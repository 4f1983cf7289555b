"""Patients as a Django app."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "permanence.patients"
    label = "patients"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from permanence.patients import changes  # noqa: F401  declares projections
