"""Replicas, and what this one remembers of its talks with them."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Peer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("base", models.CharField(max_length=300, unique=True)),
                ("replica", models.UUIDField(null=True)),
                ("at", models.CharField(default="", max_length=100)),
                ("given_until", models.BigIntegerField(default=0)),
                ("taken_until", models.BigIntegerField(default=0)),
                ("last_at", models.DateTimeField(null=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("why", models.CharField(default="", max_length=200)),
                ("compared_at", models.DateTimeField(null=True)),
                ("countersigned", models.IntegerField(default=0)),
                ("lies", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="Replica",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(default="", max_length=80)),
                ("kind", models.CharField(default="", max_length=20)),
                ("verify_key", models.BinaryField(null=True)),
                ("transport_key", models.BinaryField(null=True)),
                ("transport_box_key", models.BinaryField(null=True)),
                ("hosts", models.JSONField(default=list)),
                ("added_by_id", models.UUIDField(null=True)),
                ("added_at", models.DateTimeField(null=True)),
                ("succeeds_id", models.UUIDField(null=True)),
                ("vouched", models.BinaryField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by_id", models.UUIDField(null=True)),
                ("heard_until", models.JSONField(default=dict)),
                ("wipe", models.BooleanField(default=False)),
            ],
            options={
                "base_manager_name": "objects",
            },
        ),
    ]
