"""A limited laptop: whose panel it carries, and the keys that it was entrusted with."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0008_origin")]

    operations = [
        migrations.AddField("replica", "panel_of_id", models.UUIDField(null=True)),
        migrations.AddField("replica", "entrusted_key", models.BinaryField(null=True)),
        migrations.CreateModel(
            name="EntrustedKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("patient_id", models.UUIDField(db_index=True)),
                ("replica_id", models.UUIDField(db_index=True, null=True)),
                ("sealed", models.BinaryField()),
                ("at", models.DateTimeField(null=True)),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
    ]
