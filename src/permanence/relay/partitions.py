"""A table cut by the hash of the practice, on PostgreSQL; a plain one elsewhere (the demo's SQLite)."""

from typing import Any

from django.db.migrations import CreateModel

PARTS = 8


class CreatePartitioned(CreateModel):
    """CreateModel, `PARTITION BY HASH (practice)`."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.name)
        table = model._meta.db_table
        sql, values = schema_editor.table_sql(model)
        schema_editor.execute(f"{sql} PARTITION BY HASH (practice)", values or None)
        for part in range(PARTS):
            schema_editor.execute(
                f"CREATE TABLE {table}_{part} PARTITION OF {table} FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part})")  # fmt: skip
