"""The journal as a Django app."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "permanence.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from permanence.journal import acts, chain, heads

        acts.flush = chain.flush
        if heads.committed not in acts.head_committed:
            acts.head_committed.append(heads.committed)
