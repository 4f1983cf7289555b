"""A small clinical room of the tests' own, to try the journal without any real room."""

from django.apps import AppConfig


class TestAppConfig(AppConfig):
    name = "tests.testapp"
    label = "testapp"
