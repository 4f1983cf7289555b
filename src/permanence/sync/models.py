"""Replicas, which every replica knows, and what this one remembers of its talks with each."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from django.db import models

from permanence.journal.categories import Category, Scope, Stream
from permanence.journal.journaled import JournaledModel

_Categories = Mapping[Category, Collection[str]]


class Replica(JournaledModel):
    """A machine that holds the practice and signs chains. Its id is that of its chains: the hash of its public key."""

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: (
            "name", "kind", "verify_key", "transport_key", "transport_box_key", "hosts", "origin", "added_by_id", "added_at",
            "succeeds_id", "vouched", "revoked_at", "revoked_by_id", "revoked_reason", "heard_until", "wipe", "orders_until", "panel_of_id",
            "entrusted_key", "root_key", "root_epoch", "root_lacks")}  # fmt: skip

    name = models.CharField(max_length=80, default="")
    kind = models.CharField(max_length=20, default="")  # rules.KINDS
    verify_key = models.BinaryField(null=True)  # Ed25519, of its entries
    transport_key = models.BinaryField(null=True)  # Ed25519, of what it asks of others
    transport_box_key = models.BinaryField(null=True)  # X25519, for what is sealed to it alone
    hosts = models.JSONField(default=list)  # names it answers to
    origin = models.CharField(max_length=300, default="")  # where browsers find it, port included: it says so itself
    added_by_id = models.UUIDField(null=True)
    added_at = models.DateTimeField(null=True)
    succeeds_id = models.UUIDField(null=True)  # the id it had before it found itself behind its own head
    vouched = models.BinaryField(null=True)  # by that one's signature; of a machine that succeeds none, by a recovery sheet's
    revoked_at = models.DateTimeField(null=True)
    revoked_by_id = models.UUIDField(null=True)
    revoked_reason = models.CharField(max_length=200, default="", blank=True)
    heard_until = models.JSONField(default=dict)  # {stream: last entry accepted}, once it is revoked; {id in hex: the same} of its heirs
    wipe = models.BooleanField(default=False)  # lost: it empties itself when it hears of it
    orders_until = models.JSONField(default=dict)  # {stream: last entry} whose orders a person agreed to: see `orders`
    panel_of_id = models.UUIDField(null=True)  # of a limited machine: the member whose patients' keys it is entrusted with
    entrusted_key = models.BinaryField(null=True)  # X25519: they are sealed to it; its other half is in that machine's database
    root_key = models.BinaryField(null=True)  # X25519, for a new root: its private half lies under the root it has (`roots`)
    root_epoch = models.BigIntegerField(null=True)  # of the root that it says it has
    root_lacks = models.JSONField(default=list)  # epochs of the others that it has not: keys come to it wrapped under them

    class Meta:
        base_manager_name = "objects"


class Root(JournaledModel):
    """A new root of the practice: its epoch, what shows the right root from a wrong one, and whom it was drawn to shut out."""

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        append_only: ClassVar[bool] = True
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: ("epoch", "mark", "shut", "at")}

    epoch = models.BigIntegerField(default=0)
    mark = models.BinaryField(null=True)  # keyring.root_check
    shut = models.JSONField(default=list)  # ids in hex: machines that were revoked, slots that were removed, when it was drawn
    at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "objects"


class RootBox(JournaledModel):
    """A root sealed to one machine. Written with the root, or later, by any machine that has it, for one that lacked it."""

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        append_only: ClassVar[bool] = True
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: ("root_id", "replica_id", "box")}

    root_id = models.UUIDField(null=True)
    replica_id = models.UUIDField(null=True)
    box = models.BinaryField(null=True)

    class Meta:
        base_manager_name = "objects"


class EntrustedKey(JournaledModel):
    """A patient's key for who has no practice root: sealed to one limited machine; or by one, to the practice's intake key.

    Its header names the patient: it is destroyed with the file.
    """

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        scope_field: ClassVar[str] = "patient_id"
        append_only: ClassVar[bool] = True
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: ("patient_id", "replica_id", "sealed", "at", "commitment", "epoch")}

    patient_id = models.UUIDField(db_index=True)
    replica_id = models.UUIDField(null=True, db_index=True)  # None: for the practice, by its intake key
    sealed = models.BinaryField()
    at = models.DateTimeField(null=True)
    commitment = models.BinaryField(null=True)  # of the key; None: the patient's one key, from a version that knew no other
    epoch = models.BigIntegerField(default=0)  # in which it was drawn: the limited machine writes with the latest


class KeyDrawn(JournaledModel):
    """A new key for a file that a limited machine carries, drawn after the root changed and before anybody wrote of the patient again:
    that machine draws none, and would go on under one that somebody shut out knows."""

    class Journal:
        stream: ClassVar[Stream] = Stream.RECORD
        scope: ClassVar[Scope] = Scope.PATIENT
        scope_field: ClassVar[str] = "patient_id"
        append_only: ClassVar[bool] = True
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: ("patient_id", "at")}

    patient_id = models.UUIDField(db_index=True)
    at = models.DateTimeField()


class WithdrawnKey(JournaledModel):
    """A patient who left a limited machine's panel: their key is taken back there, and what was sealed for it is pruned. Both rows say
    after a theft whose files a machine had, and until when."""

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        scope_field: ClassVar[str] = "patient_id"
        append_only: ClassVar[bool] = True
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: ("patient_id", "replica_id", "at")}

    patient_id = models.UUIDField(db_index=True)
    replica_id = models.UUIDField(db_index=True)
    at = models.DateTimeField()


class Told(models.Model):
    """A machine that who let this one in already knew: it is heard until its own row has come, which may be in its own chain."""

    replica = models.UUIDField(primary_key=True)
    until = models.JSONField(null=True)  # {stream: last entry} of a revoked one; None: all


class Peer(models.Model):
    """What this replica knows of a talk with another replica or a relay. Its own memory: nobody else needs it."""

    base = models.CharField(max_length=300, unique=True)  # the address under which it answers
    replica = models.UUIDField(null=True)  # None: a relay
    at = models.CharField(max_length=100, default="")  # host:port to connect to when the name need not be resolved
    near = models.CharField(max_length=100, default="")  # host:port where it was last found on the local network, and proved
    way = models.CharField(max_length=10, default="")  # how the last talk went: near, at, name
    given_until = models.BigIntegerField(default=0)  # of our arrivals: what was offered to it
    taken_until = models.BigIntegerField(default=0)  # of its arrivals: what was asked of it
    last_at = models.DateTimeField(null=True)  # the last talk that went to its end
    failing_since = models.DateTimeField(null=True)
    why = models.CharField(max_length=200, default="")
    compared_at = models.DateTimeField(null=True)  # our heads shown, theirs held against ours
    countersigned = models.IntegerField(default=0)  # heads of ours that it vouches for
    lies = models.JSONField(default=list)  # [[replica, stream, size, what], ...]: two stories of one chain
    keys_epoch = models.IntegerField(default=1)  # of the root under which it has every patient's key: a relay cannot wrap them again


class Heard(models.Model):
    """When a replica was last heard, whoever called whom. This machine's own memory, written at most once a minute.

    Of one that was revoked: when it was told so from here, and when it said here that it had emptied itself.
    """

    replica = models.UUIDField(unique=True)
    at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    emptied_at = models.DateTimeField(null=True)


class Return(models.Model):
    """What an exchange brought back after a cut, as this machine saw it. Its own memory: each machine has its own report."""

    peer = models.BigIntegerField()  # Peer.id
    since = models.DateTimeField()  # the cut, as it was noticed here
    until = models.DateTimeField()  # the exchange that ended it
    sent = models.IntegerField(default=0)  # entries
    received = models.IntegerField(default=0)
    replayed = models.IntegerField(default=0)  # of queued work, done once
    aside = models.IntegerField(default=0)  # kept to be looked at
    to_settle = models.IntegerField(default=0)  # objects of which this return brought one of the versions
    heads_equal = models.BooleanField(default=False)  # both machines hold the same number of entries of every chain, under the same heads
    verified = models.BooleanField(null=True)  # the quick verification that followed; None: not yet
    entries = models.BigIntegerField(default=0)  # held here afterwards, all chains together


class Carried(models.Model):
    """A file on a USB stick, as this machine wrote or read it. Its own memory: the file asks nothing and nobody answers."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    out = models.BooleanField(default=False)  # written here; else read here
    member = models.UUIDField(null=True)  # who carried; None: at the console
    replica = models.UUIDField(null=True)  # for whom it was written, or who wrote it; None: not known, or for any
    entries = models.IntegerField(default=0)  # written; or new here
    known = models.IntegerField(default=0)  # were here already
    aside = models.IntegerField(default=0)  # kept to be looked at
    stuck = models.IntegerField(default=0)  # something from before them is not here
    files = models.IntegerField(default=0)
    absent = models.IntegerField(default=0)  # files that the record here cites and that are still not here
    to_settle = models.IntegerField(default=0)  # objects, since it was read
    lies = models.IntegerField(default=0)  # two stories of one chain
    whole = models.BooleanField(default=False)  # to its end
    why = models.CharField(max_length=20, default="")  # what stopped it: foreign, not_for_us, damaged, cut, disk


class Held(models.Model):
    """What another machine held when it last said so, asking here or by a file: what it lacks goes on a USB stick without asking it."""

    replica = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    held = models.JSONField(default=list)  # [[replica, stream, how many], ...]
