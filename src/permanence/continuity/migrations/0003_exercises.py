"""Exercises of a cut."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("continuity", "0002_forms_come_back")]

    operations = [
        migrations.CreateModel(
            name="Exercise",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(blank=True, default="", max_length=10)),
                ("replica_id", models.UUIDField(null=True)),
                ("by_id", models.UUIDField(null=True)),
                ("at", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("checks", models.JSONField(default=list)),
                ("came_in", models.JSONField(default=list)),
                ("written", models.IntegerField(default=0)),
                ("received", models.IntegerField(default=0)),
                ("copies_equal", models.BooleanField(null=True)),
            ],
            options={"base_manager_name": "objects"},
        ),
    ]
