"""Which file holds what: the journal's tables are in both, everything else in practice.db."""

from typing import Any


class Router:
    """access.db holds only the access stream: it grows by itself, is dropped by segments, and no clinical table is in it."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default" or app_label == "journal"
