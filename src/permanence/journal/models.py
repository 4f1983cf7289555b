"""The journal's own tables, alike in both files. No clinical table, no foreign key, opaque ids.

Columns beside the sealed parts (kind, object, scope reference, HLC) are an index of the sealed inner header: the file is
encrypted, and `verify` compares them with what they index.
"""

from typing import ClassVar

from django.db import models


class Entry(models.Model):
    """One entry: its signed outer header and its sealed inner header."""

    hash = models.BinaryField(unique=True)
    replica = models.BinaryField()
    stream = models.SmallIntegerField()
    seq = models.IntegerField()
    outer = models.BinaryField()
    signature = models.BinaryField()
    inner = models.BinaryField()
    kind = models.CharField(max_length=60)
    object = models.BinaryField(null=True)
    ref = models.BinaryField(null=True)  # whose key seals the body: the patient, the member
    hlc = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["replica", "stream", "seq"], name="entry_place")]
        indexes: ClassVar = [models.Index(fields=["object"], name="entry_object"), models.Index(fields=["ref"], name="entry_ref")]


class Body(models.Model):
    """Apart from its entry, so that it can be pruned alone."""

    entry = models.BinaryField(primary_key=True)
    sealed = models.BinaryField()


class Chain(models.Model):
    """The head of one (replica, stream): read at each append, so that a roll-back takes its entries away from it too."""

    replica = models.BinaryField()
    stream = models.SmallIntegerField()
    size = models.IntegerField()
    head = models.BinaryField()
    hlc = models.BigIntegerField()
    frontier = models.BinaryField()  # RFC 9162 tree, compact range
    verify_key = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["replica", "stream"], name="chain_place")]


class Key(models.Model):
    """A key of the keyring, wrapped under the practice root. `wrapped` NULL is a tombstone: erased, for ever."""

    commitment = models.BinaryField(primary_key=True)
    label = models.CharField(max_length=20)  # as `keyring.LABELS`
    ref = models.BinaryField(null=True)
    epoch = models.IntegerField()
    wrapped = models.BinaryField(null=True)
    made = models.BigIntegerField(db_default=0)  # of a patient's: the epoch in which it was drawn here; 0: it came from elsewhere

    class Meta:
        indexes: ClassVar = [models.Index(fields=["label", "ref"], name="key_ref")]


class NextKey(models.Model):
    """While a new epoch is prepared: each key wrapped under the coming root. Empty at all other times."""

    commitment = models.BinaryField(primary_key=True)
    epoch = models.IntegerField()
    wrapped = models.BinaryField()


class KeyApart(models.Model):
    """A patient's key as it came (`keys_in`): its root is not here yet, or the entries that cite it were put aside."""

    commitment = models.BinaryField(primary_key=True)
    ref = models.BinaryField()
    epoch = models.BigIntegerField()
    wrapped = models.BinaryField()


class KeyLacking(models.Model):
    """A key that an entry cites and that is not here: what it seals is not shown, and the file says so."""

    commitment = models.BinaryField(primary_key=True)
    ref = models.BinaryField(db_index=True)


class Pruned(models.Model):
    """Entries whose body is refused, whether or not they have arrived; `reason` is the entry that ordered it."""

    entry = models.BinaryField(primary_key=True)
    reason = models.BinaryField()


class Conflict(models.Model):
    """An object of which fields have several values that nobody has settled (`conflicts`)."""

    object = models.BinaryField(primary_key=True)
    kind = models.CharField(max_length=60)
    fields = models.TextField()  # JSON list of names


class Quarantined(models.Model):
    """An entry of another replica that was not kept, as it came: nothing is dropped, a person decides."""

    id = models.BinaryField(primary_key=True)  # of its header and signature: a hostile entry may have any hash
    replica = models.BinaryField()
    stream = models.SmallIntegerField()
    seq = models.IntegerField()
    entry = models.BinaryField()  # [outer, signature, inner, body]
    why = models.CharField(max_length=200)
    at = models.BigIntegerField()  # ms UTC

    class Meta:
        indexes: ClassVar = [models.Index(fields=["replica", "stream", "seq"], name="quarantined_place")]


class ObjectState(models.Model):
    """The registers of one object, from which its row is computed. `parked`: this version cannot write its row."""

    object = models.BinaryField(primary_key=True)
    kind = models.CharField(max_length=60)
    registers = models.BinaryField()
    parked = models.CharField(max_length=120, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["parked"], name="state_parked", condition=~models.Q(parked=""))]


class Checkpoint(models.Model):
    """The last place of a chain up to which everything was verified, signed by this replica."""

    replica = models.BinaryField()
    stream = models.SmallIntegerField()
    size = models.IntegerField()
    head = models.BinaryField()
    frontier = models.BinaryField()
    at = models.BigIntegerField()  # ms UTC
    signature = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["replica", "stream"], name="checkpoint_place")]


class AccessIndex(models.Model):
    """Who was served what: one row per patient and level of an access entry. In access.db only."""

    entry = models.IntegerField(db_index=True)  # Entry.id
    patient = models.BinaryField()
    member = models.BinaryField(null=True)
    session = models.BinaryField(null=True, db_index=True)
    at = models.BigIntegerField()  # ms UTC
    level = models.SmallIntegerField()
    categories = models.BigIntegerField()

    class Meta:
        # What other machines served comes later: in the order of `at`. The rest answers a page about one's own readings without a row.
        indexes: ClassVar = [models.Index(fields=["patient", "at", "member", "level", "categories"], name="accessindex_reads")]


class Segment(models.Model):
    """A piece of an access stream that its replica cut and signed: entries `first` to `last`. In access.db only."""

    hash = models.BinaryField(primary_key=True)  # of its bytes as they travel: `segments` makes them again from the entries
    replica = models.BinaryField()
    first = models.IntegerField()
    last = models.IntegerField()
    size = models.IntegerField()  # bytes
    head = models.BinaryField()  # of the chain at `last`, signed by the replica
    frontier = models.BinaryField()  # of the tree at `last`
    since = models.BigIntegerField()  # ms UTC, of its entries, by the clock of their machine
    until = models.BigIntegerField()
    kept_at = models.BigIntegerField()  # ms UTC, by ours

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["replica", "first"], name="segment_place")]


class SegmentAside(models.Model):
    """A segment that came and was not kept, as it came: it tells another story, does not check, or hangs in the air. In access.db only."""

    hash = models.BinaryField(primary_key=True)
    replica = models.BinaryField()
    first = models.IntegerField()
    why = models.CharField(max_length=200)
    at = models.BigIntegerField()  # ms UTC
    data = models.BinaryField()  # last, so that the rest is read without it


class Heard(models.Model):
    """How far another machine's access stream went when it last said so. In access.db only."""

    replica = models.BinaryField(primary_key=True)
    head = models.BinaryField()  # signed by it
    size = models.IntegerField()
    until = models.BigIntegerField()  # ms UTC, by its clock, never later than ours when it was heard


class Once(models.Model):
    """The result of an action whose form carried a one-use act id: a repeat gives this instead of acting again."""

    once = models.BinaryField(primary_key=True)
    action = models.CharField(max_length=120)
    result = models.BinaryField()
    at = models.BigIntegerField()  # ms UTC
