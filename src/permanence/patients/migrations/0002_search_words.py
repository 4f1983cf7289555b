"""The full-text index of names: an external-content FTS5 table, so that an erased patient's words really leave the file."""

from django.db import migrations

CREATE = """
CREATE VIRTUAL TABLE patients_words USING fts5(
    names, content='patients_namerow', content_rowid='id', detail='none', columnsize=0,
    tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_patients")]
    operations = [
        migrations.RunSQL(CREATE, "DROP TABLE patients_words"),
        migrations.RunSQL(
            "INSERT INTO patients_words (patients_words, rank) VALUES ('secure-delete', 1)", migrations.RunSQL.noop
        ),
    ]
