"""The relay's tables. Every primary key begins with the practice, by whose hash each table is cut: practices share nothing.

They are written and read by SQL (`relay.db`): the models are their shape, for migrations. Instants are milliseconds UTC.
"""

from django.db import models


class Practice(models.Model):
    """One practice, its counters and its share. Locked by whoever adds to it."""

    practice = models.BinaryField(primary_key=True)
    mode = models.TextField(default="full")  # or "witness"
    arrivals = models.BigIntegerField(default=0)  # entries that ever came: the last one's place
    batches = models.BigIntegerField(default=0)  # the last batch's place, which others ask from
    bytes = models.BigIntegerField(default=0)
    most_bytes = models.BigIntegerField()
    entries = models.BigIntegerField(default=0)
    most_entries = models.BigIntegerField()
    blobs = models.BigIntegerField(default=0)
    most_blobs = models.BigIntegerField()
    parts = models.BinaryField(null=True)  # CBOR {key: [bytes, entries, blobs, chains]}: what keys that may not fill the share have added
    since = models.BigIntegerField()

    class Meta:
        db_table = "relay_practice"


class Key(models.Model):
    """A transport key that speaks, or spoke, for a practice."""

    pk = models.CompositePrimaryKey("practice", "key")
    practice = models.BinaryField()
    key = models.BinaryField()
    kind = models.TextField()
    active = models.BooleanField(default=True)
    named_by = models.BinaryField(null=True)  # the key that named it, or took it in; none: a registration code, and the whole share
    since = models.BigIntegerField()

    class Meta:
        db_table = "relay_key"
        indexes = (models.Index(fields=["key"], name="relay_key_key"),)


class Registration(models.Model):
    """A one-use code, kept by its hash alone, and the share that it opens. No practice is known before it is used."""

    code = models.BinaryField(primary_key=True)
    practice = models.BinaryField(null=True)  # for this one only: a replica that has lost its key
    mode = models.TextField(default="full")
    most_bytes = models.BigIntegerField()
    most_entries = models.BigIntegerField()
    most_blobs = models.BigIntegerField()
    until = models.BigIntegerField()
    used_for = models.BinaryField(null=True)
    used_by = models.BinaryField(null=True)

    class Meta:
        db_table = "relay_registration"


class Chain(models.Model):
    """A replica's stream as it is held, and the largest head accepted of it, which may be ahead of the entries."""

    pk = models.CompositePrimaryKey("practice", "replica", "stream")
    practice = models.BinaryField()
    replica = models.BinaryField()
    stream = models.SmallIntegerField()
    size = models.BigIntegerField(default=0)
    last = models.BinaryField(default=b"")
    key = models.BinaryField()
    frontier = models.BinaryField(default=b"")
    head_size = models.BigIntegerField(default=0)
    head_root = models.BinaryField(default=b"")
    head = models.BinaryField(default=b"")
    marks = models.BinaryField(default=b"")  # who countersigned it

    class Meta:
        db_table = "relay_chain"


class Entry(models.Model):
    """One sealed entry, as it came."""

    pk = models.CompositePrimaryKey("practice", "replica", "stream", "seq")
    practice = models.BinaryField()
    replica = models.BinaryField()
    stream = models.SmallIntegerField()
    seq = models.BigIntegerField()
    hash = models.BinaryField()
    arrival = models.BigIntegerField()
    batch = models.BigIntegerField()
    outer_header = models.BinaryField()
    signature = models.BinaryField()
    inner_header = models.BinaryField()
    body = models.BinaryField(null=True)

    class Meta:
        db_table = "relay_entry"
        indexes = (models.Index(fields=["practice", "arrival"], name="relay_entry_arrival"),)


class Batch(models.Model):
    """Entries that came together, whole acts among them, and the keys that came with them. `spans`: CBOR [[replica, stream, from, to]]."""

    pk = models.CompositePrimaryKey("practice", "number")
    practice = models.BinaryField()
    number = models.BigIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    bytes = models.BigIntegerField()
    spans = models.BinaryField()
    keys = models.BinaryField(default=b"")
    keys_hash = models.BinaryField(default=b"")

    class Meta:
        db_table = "relay_batch"
        indexes = (models.Index(fields=["practice", "keys_hash"], name="relay_batch_keys"),)


class Aside(models.Model):
    """What did not check, kept with its reason and with the key that gave it."""

    pk = models.CompositePrimaryKey("practice", "digest")
    practice = models.BinaryField()
    digest = models.BinaryField()
    what = models.TextField()  # entry, head
    replica = models.BinaryField()
    stream = models.SmallIntegerField()
    seq = models.BigIntegerField()
    why = models.TextField()
    data = models.BinaryField()
    given_by = models.BinaryField()
    since = models.BigIntegerField()

    class Meta:
        db_table = "relay_aside"


class Blob(models.Model):
    """A sealed file that lies in the relay's folder, under its hash."""

    pk = models.CompositePrimaryKey("practice", "hash")
    practice = models.BinaryField()
    hash = models.BinaryField()
    size = models.BigIntegerField()

    class Meta:
        db_table = "relay_blob"


class Segment(models.Model):
    """A sealed segment of access entries, in the relay's folder."""

    pk = models.CompositePrimaryKey("practice", "replica", "first")
    practice = models.BinaryField()
    replica = models.BinaryField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    size = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "relay_segment"


class Seal(models.Model):
    """What a replica left, sealed, for who rebuilds."""

    pk = models.CompositePrimaryKey("practice", "replica", "number")
    practice = models.BinaryField()
    replica = models.BinaryField()
    number = models.BigIntegerField()
    record = models.BinaryField()

    class Meta:
        db_table = "relay_seal"
