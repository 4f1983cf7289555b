"""The relay's tables, each but the codes cut by the hash of the practice."""

from django.db import migrations, models

from permanence.relay.partitions import CreatePartitioned

PK = {"blank": True, "editable": False, "primary_key": True, "serialize": False}


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        CreatePartitioned(
            name="Practice",
            fields=[
                ("practice", models.BinaryField(primary_key=True, serialize=False)),
                ("mode", models.TextField(default="full")),
                ("arrivals", models.BigIntegerField(default=0)),
                ("batches", models.BigIntegerField(default=0)),
                ("bytes", models.BigIntegerField(default=0)),
                ("most_bytes", models.BigIntegerField()),
                ("entries", models.BigIntegerField(default=0)),
                ("most_entries", models.BigIntegerField()),
                ("blobs", models.BigIntegerField(default=0)),
                ("most_blobs", models.BigIntegerField()),
                ("since", models.BigIntegerField()),
            ],
            options={"db_table": "relay_practice"},
        ),
        CreatePartitioned(
            name="Key",
            fields=[
                ("pk", models.CompositePrimaryKey("practice", "key", **PK)),
                ("practice", models.BinaryField()),
                ("key", models.BinaryField()),
                ("kind", models.TextField()),
                ("active", models.BooleanField(default=True)),
                ("named_by", models.BinaryField(null=True)),
                ("since", models.BigIntegerField()),
            ],
            options={"db_table": "relay_key"},
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("code", models.BinaryField(primary_key=True, serialize=False)),
                ("practice", models.BinaryField(null=True)),
                ("mode", models.TextField(default="full")),
                ("most_bytes", models.BigIntegerField()),
                ("most_entries", models.BigIntegerField()),
                ("most_blobs", models.BigIntegerField()),
                ("until", models.BigIntegerField()),
                ("used_for", models.BinaryField(null=True)),
                ("used_by", models.BinaryField(null=True)),
            ],
            options={"db_table": "relay_registration"},
        ),
        CreatePartitioned(
            name="Chain",
            fields=[
                ("pk", models.CompositePrimaryKey("practice", "replica", "stream", **PK)),
                ("practice", models.BinaryField()),
                ("replica", models.BinaryField()),
                ("stream", models.SmallIntegerField()),
                ("size", models.BigIntegerField(default=0)),
                ("last", models.BinaryField(default=b"")),
                ("key", models.BinaryField()),
                ("frontier", models.BinaryField(default=b"")),
                ("head_size", models.BigIntegerField(default=0)),
                ("head_root", models.BinaryField(default=b"")),
                ("head", models.BinaryField(default=b"")),
                ("marks", models.BinaryField(default=b"")),
            ],
            options={"db_table": "relay_chain"},
        ),
        CreatePartitioned(
            name="Entry",
            fields=[
                ("pk", models.CompositePrimaryKey("practice", "replica", "stream", "seq", **PK)),
                ("practice", models.BinaryField()),
                ("replica", models.BinaryField()),
                ("stream", models.SmallIntegerField()),
                ("seq", models.BigIntegerField()),
                ("hash", models.BinaryField()),
                ("arrival", models.BigIntegerField()),
                ("batch", models.BigIntegerField()),
                ("outer_header", models.BinaryField()),
                ("signature", models.BinaryField()),
                ("inner_header", models.BinaryField()),
                ("body", models.BinaryField(null=True)),
            ],
            options={"db_table": "relay_entry"},
        ),
        CreatePartitioned(
            name="Batch",
            fields=[
                ("pk", models.CompositePrimaryKey("practice", "number", **PK)),
                ("practice", models.BinaryField()),
                ("number", models.BigIntegerField()),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("bytes", models.BigIntegerField()),
                ("spans", models.BinaryField()),
                ("keys", models.BinaryField(default=b"")),
                ("keys_hash", models.BinaryField(default=b"")),
            ],
            options={"db_table": "relay_batch"},
        ),
        CreatePartitioned(
            name="Aside",
            fields=[
                ("pk", models.CompositePrimaryKey("practice", "digest", **PK)),
                ("practice", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("what", models.TextField()),
                ("replica", models.BinaryField()),
                ("stream", models.SmallIntegerField()),
                ("seq", models.BigIntegerField()),
                ("why", models.TextField()),
                ("data", models.BinaryField()),
                ("given_by", models.BinaryField()),
                ("since", models.BigIntegerField()),
            ],
            options={"db_table": "relay_aside"},
        ),
        CreatePartitioned(
            name="Blob",
            fields=[
                ("pk", models.CompositePrimaryKey("practice", "hash", **PK)),
                ("practice", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("size", models.BigIntegerField()),
            ],
            options={"db_table": "relay_blob"},
        ),
        CreatePartitioned(
            name="Segment",
            fields=[
                ("pk", models.CompositePrimaryKey("practice", "replica", "first", **PK)),
                ("practice", models.BinaryField()),
                ("replica", models.BinaryField()),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("size", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
            options={"db_table": "relay_segment"},
        ),
        CreatePartitioned(
            name="Seal",
            fields=[
                ("pk", models.CompositePrimaryKey("practice", "replica", "number", **PK)),
                ("practice", models.BinaryField()),
                ("replica", models.BinaryField()),
                ("number", models.BigIntegerField()),
                ("record", models.BinaryField()),
            ],
            options={"db_table": "relay_seal"},
        ),
        migrations.AddIndex(model_name="entry", index=models.Index(fields=["practice", "arrival"], name="relay_entry_arrival")),
        migrations.AddIndex(model_name="batch", index=models.Index(fields=["practice", "keys_hash"], name="relay_batch_keys")),
    ]
