"""Why a machine was revoked, and what it said of it since."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0011_withdrawn")]

    operations = [
        migrations.AddField("replica", "revoked_reason", models.CharField(blank=True, default="", max_length=200)),
        migrations.AddField("heard", "told_at", models.DateTimeField(null=True)),
        migrations.AddField("heard", "emptied_at", models.DateTimeField(null=True)),
    ]
