"""Reads travel: the pieces into which each access stream is cut, and how far each machine says that it has read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0003_second_machine"),
    ]

    operations = [
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("hash", models.BinaryField(primary_key=True, serialize=False)),
                ("replica", models.BinaryField()),
                ("first", models.IntegerField()),
                ("last", models.IntegerField()),
                ("size", models.IntegerField()),
                ("head", models.BinaryField()),
                ("frontier", models.BinaryField()),
                ("since", models.BigIntegerField()),
                ("until", models.BigIntegerField()),
                ("kept_at", models.BigIntegerField()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=["replica", "first"], name="segment_place")]},
        ),
        migrations.CreateModel(
            name="SegmentAside",
            fields=[
                ("hash", models.BinaryField(primary_key=True, serialize=False)),
                ("replica", models.BinaryField()),
                ("first", models.IntegerField()),
                ("why", models.CharField(max_length=200)),
                ("at", models.BigIntegerField()),
                ("data", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Heard",
            fields=[
                ("replica", models.BinaryField(primary_key=True, serialize=False)),
                ("head", models.BinaryField()),
                ("size", models.IntegerField()),
                ("until", models.BigIntegerField()),
            ],
        ),
        migrations.AddIndex(
            model_name="accessindex",
            index=models.Index(fields=["patient", "at"], name="accessindex_patient"),
        ),
        migrations.AlterField(
            model_name="accessindex",
            name="patient",
            field=models.BinaryField(),
        ),
    ]
