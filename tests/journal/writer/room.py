"""Plain tables of the writer's tests, in no installed room, and one that stands for the journal."""

from django.db import models


class Item(models.Model):
    """A plain row with a promise that can be broken."""

    owner = models.CharField(max_length=20, unique=True)
    text = models.TextField(default="")
    at = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    flag = models.BooleanField(default=False)
    who = models.UUIDField(null=True)

    class Meta:
        app_label = "writerapp"


class Line(models.Model):
    """A row whose key the database enforces."""

    item = models.ForeignKey(Item, models.CASCADE)

    class Meta:
        app_label = "writerapp"


class Sealed(models.Model):
    """What the tests' own flush writes: act, place, count, the write, the actor's purpose, the action's name."""

    act = models.BinaryField()
    i = models.IntegerField()
    n = models.IntegerField()
    what = models.TextField()
    by = models.TextField()
    action = models.TextField()

    class Meta:
        app_label = "writerapp"
