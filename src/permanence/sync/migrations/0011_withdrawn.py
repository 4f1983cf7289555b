"""Keys taken back from a limited machine."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0010_roots")]

    operations = [
        migrations.CreateModel(
            name="WithdrawnKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("patient_id", models.UUIDField(db_index=True)),
                ("replica_id", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField()),
            ],
            options={"base_manager_name": "objects"},
        ),
    ]
