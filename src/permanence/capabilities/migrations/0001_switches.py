import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Switch",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("capability", models.CharField(blank=True, default="", max_length=40)),
                ("state", models.CharField(blank=True, default="", max_length=20)),
                ("audience", models.CharField(blank=True, default="", max_length=20)),
                ("whom", models.CharField(blank=True, default="", max_length=80)),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("by_id", models.UUIDField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("next_update_at", models.DateTimeField(null=True)),
                ("schedule", models.JSONField(default=dict)),
                ("overridable", models.BooleanField(default=False)),
                ("overrides_id", models.UUIDField(null=True)),
                ("replica", models.CharField(blank=True, default="", max_length=40)),
                ("second", models.BooleanField(default=False)),
                ("ready_at", models.DateTimeField(null=True)),
                ("agreed_by_id", models.UUIDField(null=True)),
                ("agreed_at", models.DateTimeField(null=True)),
                ("lifted_by_id", models.UUIDField(null=True)),
                ("lifted_at", models.DateTimeField(db_index=True, null=True)),
                ("lifted_reason", models.CharField(blank=True, default="", max_length=200)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
    ]
