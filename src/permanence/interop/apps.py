"""Interoperability as a Django app."""

from django.apps import AppConfig


class InteropConfig(AppConfig):
    name = "permanence.interop"
    label = "interop"
    default_auto_field = "django.db.models.BigAutoField"
