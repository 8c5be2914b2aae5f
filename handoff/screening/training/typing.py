"""Ways of typing: the same sentence as somebody hurried, frightened, young or on a phone would send it."""

from __future__ import annotations

import random
import re
from itertools import pairwise

_SPOKEN = {
    "you": ("u", "ya", "yu"), "your": ("ur", "yr"), "you're": ("ur", "your"), "are": ("r",), "because": ("cos", "bc"),
    "please": ("pls", "plz"), "to": ("2",), "too": ("2",), "for": ("4",), "going to": ("gonna", "gona"),
    "want to": ("wanna",), "don't know": ("dunno", "dont no"), "i don't know": ("idk",), "right now": ("rn",),
    "tonight": ("2nite", "tonite"), "tomorrow": ("tmrw", "2moro"), "someone": ("sum1",), "with": ("wiv", "w"),
    "what": ("wot", "wat"), "that": ("dat", "tht"), "the": ("da", "teh"), "and": ("n", "an", "&"), "before": ("b4"),
    "boyfriend": ("bf",), "girlfriend": ("gf",), "message": ("msg",), "people": ("ppl",), "really": ("rly", "realy"),
    "yes": ("yh", "yeh"), "yeah": ("yh", "ye"), "have": ("av", "hav"), "just": ("jus", "jst"), "now": ("nw",),
    "my": ("ma", "me"), "about": ("abt", "bout"), "something": ("smth", "sumthing"), "nothing": ("nuffin", "nothin"),
}  # fmt: skip
_BEFORE = (
    "hi", "hello", "hiya", "hey", "please", "pls help", "sorry", "um", "ok so", "sorry to bother you", "good evening",
    "help", "hi there", "i dont know if this is the right place", "not sure where to start", "so", "listen", "right",
)  # fmt: skip
_AFTER = (
    "please", "sorry", "thanks", "idk", "thank you", "if that makes sense", "lol", "tbh", "x", "what do i do",
    "that's all", "sorry for the long message", "please help", "can you help", "i dont know what to do",
)  # fmt: skip
_KEYS = {a: b for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm") for a, b in pairwise(row)}
_WORD = re.compile(r"[A-Za-z']+")


def typed(text: str, chance: random.Random, *, harmless_ends: bool = True) -> str:
    """One other way of typing a message. `harmless_ends`: may add a greeting or a thank-you."""
    if chance.random() < 0.4:
        text = _slips(text, chance)
    if chance.random() < 0.4:
        text = _short(text, chance)
    if chance.random() < 0.5:
        text = text.replace("'", "").replace("’", "")
    if chance.random() < 0.3:
        text = re.sub(r"[.,;:!?]", "", text)
    if harmless_ends and chance.random() < 0.3:
        text = chance.choice(_BEFORE) + chance.choice([" ", ", ", ". ", "... "]) + text
    if harmless_ends and chance.random() < 0.25:
        text = text + chance.choice([" ", ", ", ". ", "... "]) + chance.choice(_AFTER)
    return text


def _short(text: str, chance: random.Random) -> str:
    for plain, ways in _SPOKEN.items():
        if chance.random() < 0.5 and plain in text:
            text = re.sub(rf"\b{plain}\b", chance.choice(ways), text, flags=re.IGNORECASE)
    return text


def _slips(text: str, chance: random.Random) -> str:
    """One word in eight mistyped: a letter dropped, doubled, swapped with its neighbour or hit beside its key."""

    def slip(found: re.Match[str]) -> str:
        word = found[0]
        if len(word) < 4 or chance.random() > 0.125:
            return word
        at = chance.randrange(1, len(word) - 1)
        kind = chance.randrange(4)
        if kind == 0:
            return word[:at] + word[at + 1 :]
        if kind == 1:
            return word[:at] + word[at] + word[at:]
        if kind == 2:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return word[:at] + _KEYS.get(word[at].lower(), word[at]) + word[at + 1 :]

    return _WORD.sub(slip, text)
