"""Keys wrapped under the coming root, while an epoch changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journal', '0001_journal'),
    ]

    operations = [
        migrations.CreateModel(
            name='NextKey',
            fields=[
                ('commitment', models.BinaryField(primary_key=True, serialize=False)),
                ('epoch', models.IntegerField()),
                ('wrapped', models.BinaryField()),
            ],
        ),
    ]
