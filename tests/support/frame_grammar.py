"""Frames that a page of ours could send, and what becomes of them in the hands of somebody else. All from one seed.

Each begins as a good frame, made from the models themselves, so that a new kind of frame is in it by itself. Most are
then damaged: a value of another kind, a field less or more, another frame's name, the text cut, a byte changed.
"""

from __future__ import annotations

import json
import secrets
import typing
from collections.abc import Sequence
from random import Random
from typing import Any

from handoff.frames import MAX_FRAME, Frame

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, -(2**63), 10**40, 1.5, 1e308, float("nan"), float("inf"), "", " ", "\0",
    "x" * 5_000, [], {}, [[[[[]]]]],
    "\u202e\u200b\ufeff", "\ud800", "💔", "' OR 1=1 --", "../../etc/passwd", "${jndi:x}", "<script>1</script>",
    {"t": "hello"}, ["say"], {"": ""},
)  # fmt: skip
DAMAGE = ("none",) * 5 + (
    "value",
    "value",
    "less",
    "more",
    "name",
    "cut",
    "byte",
    "noise",
    "odd",
    "twice",
    "deep",
    "large",
)


class Grammar:
    """`contacts`: ids that are named, of others and of nobody; `mark`: what this page's own words are known by."""

    def __init__(self, union: Any, seed: int, *, contacts: Sequence[str]) -> None:
        self.kinds: list[type[Frame]] = list(typing.get_args(typing.get_args(union)[0]))
        self.chance = Random(seed)
        self.contacts = contacts

    def frame(self, mark: str) -> str | bytes:
        fields = self._good(self.chance.choice(self.kinds), mark)
        return self._damaged(fields, self.chance.choice(DAMAGE))

    def _good(self, kind: type[Frame], mark: str) -> dict[str, Any]:
        pick = self.chance.choice
        known: dict[str, Any] = {
            "t": kind.model_fields["t"].default, "v": 1, "id": pick("abcdefgh"), "lang": "en", "close": True,
            "service": pick(["missing", "survivors", "phoneline"]), "token": secrets.token_urlsafe(32),
            "contact": pick(self.contacts), "text": f"{pick(['hello', '/restart', 'no', 'x' * 3_900])} {mark}",
            "card_seq": pick(range(12)), "seq": pick(range(40)), "after": pick(range(40)),
            "lease_no": pick([1, 1, 2, None]),
            "option": pick(["yes", "no", "unsure", "carry_on", "ok", "acknowledge", "under_18"]),
            "how": pick(["end", "queue", "cold", "warm"]), "reason": pick(["done", "abuse", "", "language"]),
            "to": pick([None, "nobody", *self.contacts]), "on": pick([True, False, False]), "why": mark,
        }  # fmt: skip
        return {name: known[name] for name in kind.model_fields}

    def _damaged(self, fields: dict[str, Any], how: str) -> str | bytes:
        pick = self.chance.choice
        match how:
            case "value":
                fields[pick(sorted(fields))] = pick(ODD)
            case "less":
                del fields[pick(sorted(fields))]
            case "more":
                fields[pick(["contact", "role", "lease_no", "__class__", "", "x" * 300])] = pick(ODD)
            case "name":
                fields["t"] = pick(
                    ["nothing", "welcome", "entry", "HELLO", *(k.model_fields["t"].default for k in self.kinds)]
                )
            case "odd":
                return json.dumps(pick(ODD))
            case "deep":
                return "[" * pick([100, 5_000]) + "]" * pick([0, 100])
            case "large":
                return json.dumps({**fields, "more": "x" * (MAX_FRAME - pick([400, 800, 1_600]))})
            case "noise":
                return self.chance.randbytes(pick([0, 1, 60]))
        raw = json.dumps(fields)
        match how:
            case "cut":
                return raw[: self.chance.randrange(len(raw))]
            case "twice":
                return raw[:-1] + ', "t": "ping"}'
            case "byte":
                where = self.chance.randrange(len(raw))
                return raw[:where] + chr(self.chance.randrange(1, 256)) + raw[where + 1 :]
        return raw
