import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("continuity", "0003_exercises"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScannedPage",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(blank=True, db_index=True, default="", max_length=30)),
                ("by_id", models.UUIDField(null=True)),
                ("at", models.DateTimeField(null=True)),
                ("removed", models.BooleanField(default=False)),
                ("dropped_as", models.CharField(blank=True, max_length=30, null=True)),
                ("blob_hash", models.BinaryField(null=True)),
                ("blob_key", models.BinaryField(null=True)),
                ("size", models.IntegerField(default=0)),
                ("sha256", models.CharField(blank=True, default="", max_length=64)),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        migrations.DeleteModel("FormScan"),
    ]
