import uuid

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("consultations", "0005_recall_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="GrowthReference",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, default="", max_length=60)),
                ("published", models.CharField(blank=True, default="", max_length=100)),
                ("licence", models.CharField(blank=True, default="", max_length=200)),
                ("table", models.TextField(blank=True, default="")),
                ("author_id", models.UUIDField(null=True)),
                ("at", models.DateTimeField(null=True)),
                ("replaces_id", models.UUIDField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                ("retired_by_id", models.UUIDField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
    ]
