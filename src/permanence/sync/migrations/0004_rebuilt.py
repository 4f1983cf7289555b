"""Under which root a relay has the patients' keys."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0003_orders")]

    operations = [migrations.AddField("peer", "keys_epoch", models.IntegerField(default=1))]
