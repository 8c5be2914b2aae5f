"""The turn protocol on Rasa's side, checked by hand: this runtime has another pydantic than handoff.

handoff/turn.py is the contract; the examples in tests/contract/turn hold both sides to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

VERSION = 1
MAX_TURN = 64
MAX_TEXT = 20_000

_FACTS: dict[str, tuple[type, ...]] = {
    "service": (str,),
    "phase": (str,),
    "card": (str, type(None)),
    "risk": (str,),
    "unclear": (int,),
    "open": (bool,),
    "need": (str, type(None)),
    "under_18": (bool,),
    "language": (str,),
}
_REQUIRED_FACTS = ("service", "phase")
_DEFAULTS: dict[str, Any] = {
    "card": None,
    "risk": "none",
    "unclear": 0,
    "open": True,
    "need": None,
    "under_18": False,
    "language": "en",
}
_ONE_OF = {"phase": ("with_bot", "waiting"), "risk": ("none", "concern", "immediate")}


class Malformed(ValueError):
    """The request is not a turn. The message names the field, never its value: values may be words."""


class BotFailed(RuntimeError):
    """The turn cannot be answered whole, so it is not answered at all. `kind` says what broke."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Turn:
    """One question: `text` is the pending messages, one a line; `facts` are the slots to seed."""

    turn: str
    text: str
    facts: dict[str, Any]


def parse(body: Any) -> Turn:
    """A request's JSON as a `Turn`, or `Malformed`."""
    fields = _object(body, "the request")
    _only(fields, ("v", "turn", "text", "facts"), "the request")
    if type(fields.get("v", VERSION)) is not int or fields.get("v", VERSION) != VERSION:
        raise Malformed(f"v: this bot speaks version {VERSION}")
    return Turn(
        turn=_words(fields, "turn", MAX_TURN),
        text=_words(fields, "text", MAX_TEXT),
        facts=_facts(_object(fields.get("facts"), "facts")),
    )


def _facts(given: dict[str, Any]) -> dict[str, Any]:
    _only(given, tuple(_FACTS), "facts")
    for name in _REQUIRED_FACTS:
        if name not in given:
            raise Malformed(f"facts.{name}: is missing")
    facts = {**_DEFAULTS, **given}
    for name, value in facts.items():
        if type(value) not in _FACTS[name]:  # type(), since True is an int in Python and must not be here
            raise Malformed(f"facts.{name}: has the wrong type")
        if name in _ONE_OF and value not in _ONE_OF[name]:
            raise Malformed(f"facts.{name}: must be one of {', '.join(_ONE_OF[name])}")
    return facts


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(f"{name}: must be an object")
    return value


def _only(fields: dict[str, Any], known: tuple[str, ...], name: str) -> None:
    if set(fields) - set(known):
        raise Malformed(f"{name}: has a field that is not in the protocol")


def _words(fields: dict[str, Any], name: str, limit: int) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= limit:
        raise Malformed(f"{name}: must be text of 1 to {limit} characters")
    return value
