"""The journal's tables without its chain, for processes that test the writer alone."""

from django.apps import AppConfig


class Journal(AppConfig):
    name = "permanence.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"
