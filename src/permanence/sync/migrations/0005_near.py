"""Where a machine was found on the local network, and the way of the last talk."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0004_rebuilt")]

    operations = [
        migrations.AddField("peer", "near", models.CharField(default="", max_length=100)),
        migrations.AddField("peer", "way", models.CharField(default="", max_length=10)),
    ]
