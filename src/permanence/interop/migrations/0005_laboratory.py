from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("interop", "0004_outside_agenda"),
    ]

    operations = [
        migrations.AddField("filet", "laboratory", models.CharField(blank=True, default="", max_length=400)),
    ]
