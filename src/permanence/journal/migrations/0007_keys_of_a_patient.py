"""A patient has a key for each root under which somebody wrote of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journal", "0006_reads_by_index")]

    operations = [
        migrations.AddField("key", "made", models.BigIntegerField(db_default=0)),
        migrations.CreateModel(
            name="KeyLacking",
            fields=[
                ("commitment", models.BinaryField(primary_key=True, serialize=False)),
                ("ref", models.BinaryField(db_index=True)),
            ],
        ),
        migrations.RunSQL(  # the version before looked at all that it had set apart
            "INSERT INTO journal_keylacking (commitment, ref) SELECT commitment, ref FROM journal_keyapart a WHERE EXISTS"
            " (SELECT 1 FROM journal_entry e WHERE e.ref = a.ref)",
            migrations.RunSQL.noop,
        ),
    ]
