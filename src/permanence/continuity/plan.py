"""The continuity plan and the kit's fixed parts, read once from `plan.toml`: fields to fill in, texts, ready messages. No data."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from permanence.lib.text import nbsp, unbroken

LONGEST = 400  # characters of one answer


@dataclass(frozen=True, slots=True)
class Field:
    """Something only the practice knows. `private`: for titulaires, and their plan, alone."""

    key: str
    group: str
    label: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the kit. `lines`: fixed text; `fields`: what the practice filled in; `blanks`: to write on by hand."""

    number: int
    title: str
    source: str
    lines: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A text to send or read aloud; what stands in braces is filled in."""

    key: str
    to: str
    text: str


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("plan.toml").read_text("utf-8"))


@cache
def fields() -> Mapping[str, Field]:
    return {one["key"]: Field(one["key"], one["group"], nbsp(one["label"]), one.get("private", False)) for one in _read()["fields"]}


@cache
def parts() -> tuple[Part, ...]:
    def texts(found: Sequence[str]) -> tuple[str, ...]:
        return tuple(nbsp(unbroken(one)) for one in found)

    return tuple(Part(one["number"], nbsp(one["title"]), nbsp(one["source"]), texts(one.get("lines", ())), tuple(one.get("fields", ())),
                      texts(one.get("blanks", ()))) for one in _read()["parts"])


@cache
def messages() -> tuple[Message, ...]:
    return tuple(Message(one["key"], nbsp(one["to"]), nbsp(unbroken(one["text"]))) for one in _read()["messages"])


def filled(text: str, values: Mapping[str, str]) -> str:
    """A message with what is known; what is not stays as a blank to write on."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value or "………")
    return text


def said(part: Part, answers: Mapping[str, str]) -> list[list[str]]:
    """(label, answer) of what the practice filled in for a part; an empty answer is a line to write on."""
    known = fields()
    return [[known[key].label, unbroken(answers.get(key, ""))] for key in part.fields if key in known]
