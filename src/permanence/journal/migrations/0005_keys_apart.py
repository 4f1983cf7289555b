"""Patients' keys that came wrapped under a root which is not here yet."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journal", "0004_segments")]

    operations = [
        migrations.CreateModel(
            name="KeyApart",
            fields=[
                ("commitment", models.BinaryField(primary_key=True, serialize=False)),
                ("ref", models.BinaryField()),
                ("epoch", models.BigIntegerField()),
                ("wrapped", models.BinaryField()),
            ],
        ),
    ]
