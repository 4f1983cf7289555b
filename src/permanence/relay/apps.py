"""The relay's one Django app."""

from django.apps import AppConfig


class RelayConfig(AppConfig):
    name = "permanence.relay"
    label = "relay"
