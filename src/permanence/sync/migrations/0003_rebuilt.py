"""Who is believed before their own row has come, and under which root a relay has the patients' keys."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0002_returns")]

    operations = [
        migrations.CreateModel(
            name="Believed",
            fields=[
                ("replica", models.UUIDField(primary_key=True, serialize=False)),
                ("until", models.JSONField(null=True)),
            ],
        ),
        migrations.AddField("peer", "keys_epoch", models.IntegerField(default=1)),
    ]
