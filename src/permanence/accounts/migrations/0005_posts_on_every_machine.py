"""A post's key at each machine's address, and who came in while a machine stood alone."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_sheet_keys")]

    operations = [
        migrations.AddField("post", "replica_id", models.UUIDField(null=True)),
        migrations.CreateModel(
            name="PostKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("post_id", models.UUIDField(db_index=True)),
                ("replica_id", models.UUIDField(null=True)),
                ("token_hash", models.BinaryField(null=True)),
                ("thumbprint", models.CharField(default="", max_length=43)),
                ("public_key", models.JSONField(null=True)),
                ("at", models.DateTimeField(null=True)),
                ("member_id", models.UUIDField(null=True)),
                ("vouched_by_id", models.UUIDField(null=True)),
            ],
            options={"base_manager_name": "objects", "indexes": [models.Index(fields=["token_hash"], name="post_key_token")]},
        ),
        migrations.CreateModel(
            name="Rehearsal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("member_id", models.UUIDField(db_index=True)),
                ("post_id", models.UUIDField(null=True)),
                ("replica_id", models.UUIDField(null=True)),
                ("at", models.DateTimeField(null=True)),
            ],
            options={"base_manager_name": "objects"},
        ),
    ]
