"""Files on a USB stick, written and read here; what other machines said that they hold."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0005_near")]

    operations = [
        migrations.CreateModel(
            name="Carried",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("out", models.BooleanField(default=False)),
                ("member", models.UUIDField(null=True)),
                ("replica", models.UUIDField(null=True)),
                ("entries", models.IntegerField(default=0)),
                ("known", models.IntegerField(default=0)),
                ("aside", models.IntegerField(default=0)),
                ("stuck", models.IntegerField(default=0)),
                ("files", models.IntegerField(default=0)),
                ("absent", models.IntegerField(default=0)),
                ("to_settle", models.IntegerField(default=0)),
                ("lies", models.IntegerField(default=0)),
                ("whole", models.BooleanField(default=False)),
                ("why", models.CharField(default="", max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name="Held",
            fields=[
                ("replica", models.UUIDField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("held", models.JSONField(default=list)),
            ],
        ),
    ]
