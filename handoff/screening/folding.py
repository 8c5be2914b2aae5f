"""Letters back to plain letters, keeping the way home: every folded letter knows where it stood as typed.

People write through broken keyboards, through fear, and sometimes to get past a filter: full-width and look-alike
letters, accents, invisible characters. Folding makes them one alphabet; the map makes spans point at the typed text.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Look-alikes that NFKC leaves alone: Cyrillic, Greek, small capitals and a few of their neighbours.
_LOOK_ALIKES = dict(
    zip(
        "абвгдеёзіїјкмнорсԁѕтухүһԛԝɡαβεικνορτυχωηγᴀʙᴄᴅᴇғɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢøłđıħŧʟɑɩⅼ",
        "abvgdee3iijkmhopcdstyxyhqwgabeikvoptuxwnyabcdefghijklmnopqrstuvwyzoldihtlail",
        strict=True,
    )
)
_LOOK_ALIKES.update({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "“": '"', "”": '"', "«": '"', "»": '"'})
_LOOK_ALIKES.update({"ß": "ss", "æ": "ae", "œ": "oe", "…": ".", "–": "-", "—": "-", "‐": "-", "‑": "-"})
_SILENT = frozenset({"Cf", "Mn", "Me", "Cs", "Cn", "Co"})  # invisible, combining, broken: not letters


@lru_cache(maxsize=4096)  # single characters only: nobody's words can be read out of it
def _fold(char: str) -> str:
    known = _LOOK_ALIKES.get(char) or _LOOK_ALIKES.get(char.casefold())
    if known is not None:
        return known
    if unicodedata.category(char) in _SILENT:
        return ""
    out: list[str] = []
    for part in unicodedata.normalize("NFKD", char).casefold():
        if unicodedata.category(part) in _SILENT:
            continue
        out.append(_LOOK_ALIKES.get(part, part))
    return "".join(out) or " "


def fold(text: str) -> tuple[str, list[int] | None]:
    """The folded text, and for each of its letters the place in `text` (None: the same place).

    Never raises, whatever the string holds.
    """
    if text.isascii():
        return text.lower(), None
    letters: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        if char < "\x80":
            letters.append(char.lower())
            places.append(at)
            continue
        for letter in _fold(char):
            letters.append(letter)
            places.append(at)
    return "".join(letters), places
