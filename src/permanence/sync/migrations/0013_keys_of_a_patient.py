"""Which of a patient's keys a limited machine was given."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0012_why_revoked")]

    operations = [
        migrations.AddField("entrustedkey", "commitment", models.BinaryField(null=True)),
        migrations.AddField("entrustedkey", "epoch", models.BigIntegerField(default=0)),
    ]
