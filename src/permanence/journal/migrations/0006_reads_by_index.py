"""Whether a member has read a file is answered by the index alone: each of its rows lies on another page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journal", "0005_keys_apart")]

    operations = [
        migrations.RemoveIndex(model_name="accessindex", name="accessindex_patient"),
        migrations.AddIndex(
            model_name="accessindex",
            index=models.Index(fields=["patient", "at", "member", "level", "categories"], name="accessindex_reads"),
        ),
    ]
