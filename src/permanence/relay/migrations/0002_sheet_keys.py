"""A recovery sheet's key is looked for without knowing whose it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("relay", "0001_tables")]

    operations = [migrations.AddIndex("key", models.Index(fields=["key"], name="relay_key_key"))]
