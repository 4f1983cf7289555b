"""The rows of accounts: control-stream records that every replica holds, and plain rows of this replica only.

Dates and states that depend on the day are decided in `rules`; nothing here knows a patient.
"""

import uuid
from collections.abc import Collection, Mapping
from typing import ClassVar

from django.db import models

from permanence.journal.categories import Category, Scope, Stream
from permanence.journal.journaled import JournaledModel

_Categories = Mapping[Category, Collection[str]]


class Practice(JournaledModel):
    """The practice itself: one row. `fictional` allows the demo's buttons; it is set once, at `init`."""

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: ("name", "rp_id", "fictional", "sites", "founded_at")}

    name = models.CharField(max_length=120, default="")
    rp_id = models.CharField(max_length=253, default="")
    fictional = models.BooleanField(default=False)
    sites = models.JSONField(default=list)
    founded_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "objects"


class Member(JournaledModel):
    """A person of the practice. `of_id`: the member whom a remplaçant replaces, or under whom an intern learns."""

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: (
            "family_name", "given_name", "title", "profession", "rpps", "status", "of_id", "sites", "since", "until",
            "temporary", "is_titulaire", "joined_at", "departed_at")}

    family_name = models.CharField(max_length=100, default="")
    given_name = models.CharField(max_length=100, default="")
    title = models.CharField(max_length=10, default="")
    profession = models.CharField(max_length=20, default="")
    rpps = models.CharField(max_length=11, default="")
    status = models.CharField(max_length=20, default="")
    of_id = models.UUIDField(null=True)
    sites = models.JSONField(default=list)
    since = models.DateField(null=True)
    until = models.DateField(null=True)  # the last day included, Europe/Paris
    temporary = models.BooleanField(default=False)
    is_titulaire = models.BooleanField(default=False)  # an administrative role: it gives no clinical right
    joined_at = models.DateTimeField(null=True)  # first passkey; before it, the member is invited
    departed_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "objects"


class Passkey(JournaledModel):
    """A public credential and its history: usig signatures are checked against it years later, so it is never removed."""

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: (
            "member_id", "credential_id", "public_key", "aaguid", "rp_id", "transports", "created_at", "label", "console",
            "prf_capable", "revoked_at")}

    member_id = models.UUIDField(db_index=True)
    credential_id = models.BinaryField()
    public_key = models.BinaryField()  # COSE
    aaguid = models.CharField(max_length=36, default="")
    rp_id = models.CharField(max_length=253, default="")
    transports = models.JSONField(default=list)
    created_at = models.DateTimeField(null=True)
    label = models.CharField(max_length=80, default="")
    console = models.BooleanField(default=False)  # made at http://localhost on the office machine: its own RP ID
    prf_capable = models.BooleanField(default=False)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["credential_id"], name="passkey_credential")]


class Post(JournaledModel):
    """An enrolled browser: its cookie's hash and its own P-256 key. Approved by a titulaire before it carries a session."""

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: (
            "name", "owner_id", "token_hash", "thumbprint", "public_key", "replica_id", "enrolled_at", "approved_by_id",
            "approved_at", "revoked_at")}

    name = models.CharField(max_length=80, default="")
    owner_id = models.UUIDField(null=True)  # whose own machine it is: it leaves with them; None: the practice's
    token_hash = models.BinaryField(null=True)
    thumbprint = models.CharField(max_length=43, default="")
    public_key = models.JSONField(null=True)  # JWK
    replica_id = models.UUIDField(null=True)  # the machine at whose address it was enrolled: cookies and keys are per address
    enrolled_at = models.DateTimeField(null=True)
    approved_by_id = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["token_hash"], name="post_token")]


class PostKey(JournaledModel):
    """The same browser at another machine's address: another cookie, another key. It stands and falls with its post."""

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        append_only: ClassVar[bool] = True
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: (
            "post_id", "replica_id", "token_hash", "thumbprint", "public_key", "at", "member_id", "vouched_by_id")}

    post_id = models.UUIDField(db_index=True)
    replica_id = models.UUIDField(null=True)  # the machine whose address it is
    token_hash = models.BinaryField(null=True)
    thumbprint = models.CharField(max_length=43, default="")
    public_key = models.JSONField(null=True)  # JWK
    at = models.DateTimeField(null=True)
    member_id = models.UUIDField(null=True)  # who touched their key
    vouched_by_id = models.UUIDField(null=True)  # the machine that knew the browser as this post

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["token_hash"], name="post_key_token")]


class Rehearsal(JournaledModel):
    """Somebody came in at a post while a machine stood alone: the only proof that they can. At most one a week each."""

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        append_only: ClassVar[bool] = True
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: ("member_id", "post_id", "replica_id", "at")}

    member_id = models.UUIDField(db_index=True)
    post_id = models.UUIDField(null=True)
    replica_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "objects"


class Invitation(JournaledModel):
    """A one-use code shown once; only its hash is kept. `purpose`: member, post, or recovery (opened by the sheet)."""

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: (
            "purpose", "code_hash", "member_id", "name", "made_by_id", "expires_at", "used_at", "withdrawn_at")}

    purpose = models.CharField(max_length=10, default="member")
    code_hash = models.BinaryField()
    member_id = models.UUIDField(null=True)  # who is invited; for a post, its owner
    name = models.CharField(max_length=80, default="")  # of the post
    made_by_id = models.UUIDField(null=True)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["code_hash"], name="invitation_code")]


class Consent(JournaledModel):
    """An act that needs two people, from its demand to its end. `ready_at`: from when it needs nobody else, if nobody else could agree."""

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: (
            "act", "member_id", "asked_by_id", "asked_at", "ready_at", "agreed_by_id", "agreed_at", "refused_by_id", "refused_at",
            "done_at")}

    act = models.CharField(max_length=20, default="")
    member_id = models.UUIDField(null=True, db_index=True)  # whom it is about
    asked_by_id = models.UUIDField(null=True)
    asked_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    agreed_by_id = models.UUIDField(null=True)
    agreed_at = models.DateTimeField(null=True)
    refused_by_id = models.UUIDField(null=True)  # None with `refused_at`: at the console
    refused_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "objects"


class UnlockSlot(JournaledModel):
    """Whose a slot of the seal record is: its id is the slot's. In the seal itself nobody is named; here it is history."""

    class Journal:
        stream: ClassVar[Stream] = Stream.CONTROL
        scope: ClassVar[Scope] = Scope.CONTROL
        categories: ClassVar[_Categories] = {Category.PROFESSIONAL: (
            "kind", "passkey_id", "added_at", "added_by_id", "removed_at", "removed_by_id", "box_key", "speaks_key", "vouches_key")}

    kind = models.CharField(max_length=10, default="")  # sheet, passkey, machine
    passkey_id = models.UUIDField(null=True)
    box_key = models.BinaryField(null=True)  # of a sheet, all three: `keyring.SheetKeys`. Every machine opens with the one sheet
    speaks_key = models.BinaryField(null=True)
    vouches_key = models.BinaryField(null=True)
    added_at = models.DateTimeField(null=True)
    added_by_id = models.UUIDField(null=True)  # None: at the console, or by the machine itself
    removed_at = models.DateTimeField(null=True)  # the seal record follows: see `accounts.unlocking`
    removed_by_id = models.UUIDField(null=True)

    class Meta:
        base_manager_name = "objects"


class UnlockSlotUse(models.Model):
    """How often a slot has opened this replica: it counts from the second time. Like `PasskeyUse`, it does not travel."""

    slot_id = models.UUIDField(primary_key=True)
    opened = models.IntegerField(default=0)
    last_opened_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.slot_id)


class PasskeyUse(models.Model):
    """This replica's view of a passkey's counter: it changes at each touch, so it is no history and does not travel."""

    passkey_id = models.UUIDField(primary_key=True)
    sign_count = models.BigIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.passkey_id)


class Session(models.Model):
    """A member at a post, on this replica. Ended rows stay: access entries name them."""

    class State(models.TextChoices):
        ACTIVE = "active"
        LOCKED = "locked"
        FROZEN = "frozen"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.BinaryField(unique=True)
    member_id = models.UUIDField(db_index=True)
    post_id = models.UUIDField(null=True, db_index=True)
    assurance = models.CharField(max_length=10)
    tier = models.CharField(max_length=10)
    keys = models.JSONField(default=dict)  # current, pending, previous, retired: thumbprint, JWK, since (ms UTC)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    uv_at = models.DateTimeField()  # the last passkey check with user verification
    absolute_end = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=20, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(state__in=["active", "locked", "frozen", "ended"]),
                                   name="session_state"),
            models.CheckConstraint(condition=models.Q(state="ended") ^ models.Q(ended_at__isnull=True),
                                   name="session_ended_at_when_ended"),
            models.CheckConstraint(condition=models.Q(tier__in=["hardware", "worker", "page"]), name="session_tier"),
        ]

    def __str__(self) -> str:
        return str(self.id)
