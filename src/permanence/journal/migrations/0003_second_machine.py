"""Entries of other replicas that were not kept, and what is to be settled between those that were."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0002_nextkey"),
    ]

    operations = [
        migrations.CreateModel(
            name="Conflict",
            fields=[
                ("object", models.BinaryField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=60)),
                ("fields", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Quarantined",
            fields=[
                ("id", models.BinaryField(primary_key=True, serialize=False)),
                ("replica", models.BinaryField()),
                ("stream", models.SmallIntegerField()),
                ("seq", models.IntegerField()),
                ("entry", models.BinaryField()),
                ("why", models.CharField(max_length=200)),
                ("at", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["replica", "stream", "seq"], name="quarantined_place")]},
        ),
        migrations.AddIndex(
            model_name="objectstate",
            index=models.Index(condition=models.Q(("parked", ""), _negated=True), fields=["parked"], name="state_parked"),
        ),
    ]
