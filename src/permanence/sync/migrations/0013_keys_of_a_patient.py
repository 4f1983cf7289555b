"""Which of a patient's keys a limited machine was given."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0012_why_revoked")]

    operations = [
        migrations.AddField("entrustedkey", "commitment", models.BinaryField(null=True)),
        migrations.AddField("entrustedkey", "epoch", models.BigIntegerField(default=0)),
        migrations.CreateModel(
            name="KeyDrawn",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("patient_id", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField()),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
    ]
