"""A new root of the practice, and what of it is for each machine alone."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0009_limited")]

    operations = [
        migrations.AddField("replica", "root_key", models.BinaryField(null=True)),
        migrations.AddField("replica", "root_epoch", models.BigIntegerField(null=True)),
        migrations.AddField("replica", "root_lacks", models.JSONField(default=list)),
        migrations.CreateModel(
            name="Root",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("epoch", models.BigIntegerField(default=0)),
                ("mark", models.BinaryField(null=True)),
                ("shut", models.JSONField(default=list)),
                ("at", models.DateTimeField(null=True)),
            ],
            options={"base_manager_name": "objects"},
        ),
        migrations.CreateModel(
            name="RootBox",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("root_id", models.UUIDField(null=True)),
                ("replica_id", models.UUIDField(null=True)),
                ("box", models.BinaryField(null=True)),
            ],
            options={"base_manager_name": "objects"},
        ),
    ]
