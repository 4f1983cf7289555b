"""The report of each return after a cut."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0001_replicas")]

    operations = [
        migrations.CreateModel(
            name="Return",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("peer", models.BigIntegerField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("sent", models.IntegerField(default=0)),
                ("received", models.IntegerField(default=0)),
                ("replayed", models.IntegerField(default=0)),
                ("aside", models.IntegerField(default=0)),
                ("to_settle", models.IntegerField(default=0)),
                ("heads_equal", models.BooleanField(default=False)),
                ("verified", models.BooleanField(null=True)),
                ("entries", models.BigIntegerField(default=0)),
            ],
        ),
    ]
