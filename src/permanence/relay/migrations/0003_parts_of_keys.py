"""What each key of a machine that is carried about has added to its practice's share; one that entered by a code, beside machines that may
admit others, is as if they had named it."""

from django.db import migrations, models

TAKEN_IN = (
    "UPDATE relay_key SET named_by = (SELECT a.key FROM relay_key a WHERE a.practice = relay_key.practice AND a.active"
    " AND a.kind IN ('office', 'hosted', 'sheet') ORDER BY a.since LIMIT 1)"
    " WHERE named_by IS NULL AND kind NOT IN ('office', 'hosted', 'sheet')"
)


class Migration(migrations.Migration):
    dependencies = [("relay", "0002_sheet_keys")]

    operations = [
        migrations.AddField("practice", "parts", models.BinaryField(null=True)),
        migrations.RunSQL(TAKEN_IN, migrations.RunSQL.noop),
    ]
