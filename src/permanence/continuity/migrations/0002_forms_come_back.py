import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("continuity", "0001_kit_key_and_copies"),
    ]

    operations = [
        migrations.AddField("kitcopy", "prefix", models.CharField(blank=True, default="", max_length=10)),
        migrations.AddField("kitcopy", "kinds", models.JSONField(default=list)),
        migrations.CreateModel(
            name="FormReturn",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(blank=True, db_index=True, default="", max_length=30)),
                ("kind", models.CharField(blank=True, default="", max_length=20)),
                ("copy_id", models.UUIDField(db_index=True, null=True)),
                ("outcome", models.CharField(blank=True, default="", max_length=10)),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("at", models.DateTimeField(null=True)),
                ("by_id", models.UUIDField(null=True)),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        migrations.CreateModel(
            name="CaughtUp",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("patient_id", models.UUIDField(db_index=True)),
                ("number", models.CharField(blank=True, db_index=True, default="", max_length=30)),
                ("kind", models.CharField(blank=True, default="", max_length=20)),
                ("target", models.CharField(blank=True, default="", max_length=20)),
                ("target_id", models.UUIDField(null=True)),
                ("document_id", models.UUIDField(null=True)),
                ("written_at", models.DateTimeField(null=True)),
                ("written_by_id", models.UUIDField(null=True)),
                ("at", models.DateTimeField(null=True)),
                ("by_id", models.UUIDField(null=True)),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        migrations.CreateModel(
            name="PlanAnswer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(blank=True, default="", max_length=40)),
                ("text", models.CharField(blank=True, default="", max_length=400)),
                ("changed_at", models.DateTimeField(null=True)),
                ("changed_by_id", models.UUIDField(null=True)),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        migrations.CreateModel(
            name="FormScan",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(blank=True, db_index=True, default="", max_length=30)),
                ("by_id", models.UUIDField(null=True)),
                ("at", models.DateTimeField()),
                ("blob_hash", models.BinaryField()),
                ("blob_key", models.BinaryField()),
                ("size", models.IntegerField(default=0)),
                ("sha256", models.CharField(default="", max_length=64)),
            ],
        ),
    ]
