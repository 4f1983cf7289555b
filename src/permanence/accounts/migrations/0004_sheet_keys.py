"""The public keys of a recovery sheet, kept when it is made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_consents")]

    operations = [
        migrations.AddField("unlockslot", name, models.BinaryField(null=True)) for name in ("box_key", "speaks_key", "vouches_key")
    ]
