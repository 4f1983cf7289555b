"""When each machine was last heard here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0006_carried")]

    operations = [
        migrations.CreateModel(
            name="Heard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("replica", models.UUIDField(unique=True)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
