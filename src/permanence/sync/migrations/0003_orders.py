"""How far the orders of a machine that may be stolen were agreed to; whom a machine that joins was told of."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0002_returns")]

    operations = [
        migrations.AddField(model_name="replica", name="orders_until", field=models.JSONField(default=dict)),
        migrations.CreateModel(
            name="Told",
            fields=[
                ("replica", models.UUIDField(primary_key=True, serialize=False)),
                ("until", models.JSONField(null=True)),
            ],
        ),
    ]
