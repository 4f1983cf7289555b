"""Where browsers find each machine."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0007_heard")]

    operations = [migrations.AddField("replica", "origin", models.CharField(default="", max_length=300))]
