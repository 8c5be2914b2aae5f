"""What the model sees of a message: hashed names of its words, their neighbours, and their letters.

A feature is a number below `WIDTH`: the CRC-32 of its name, so that a model holds no words and is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

BITS = 24  # wide enough that two names hardly ever share a number
WIDTH = 1 << BITS
_MASK = WIDTH - 1


def letters(word: str) -> list[int]:
    """Runs of four and five letters with the word's ends: what is left of a word that is misspelt or inflected."""
    if len(word) < 3:
        return []
    whole = f"<{word[:24]}>".encode("utf-8", "replace")
    return [crc32(whole[at : at + size], 7) & _MASK for size in (4, 5) for at in range(len(whole) - size + 1)]


def neighbours(words: Sequence[str], alike: Mapping[str, str]) -> list[list[int]]:
    """For each word the features that begin with it: itself, with one and two after it, and over a gap.

    `alike`: word → the name of its group (`machete` → `blade`); groups make features of their own beside the words',
    up to four in a row. A CRC goes on from where another ended, so a pair costs no more than a word.
    """
    plain = [f" {word}".encode("utf-8", "replace") for word in words]
    named = [
        b"=" + alike[word].encode() if word in alike else b" " + raw for word, raw in zip(words, plain, strict=True)
    ]
    found: list[list[int]] = []
    last = len(words) - 1
    for at, raw in enumerate(plain):
        one = crc32(raw)
        group = crc32(named[at], 1)
        here = [one & _MASK, group & _MASK]
        if at < last:
            pair = crc32(plain[at + 1], one)
            groups = crc32(named[at + 1], group)
            here += (pair & _MASK, groups & _MASK)
            if at + 1 < last:
                third = named[at + 2]
                groups = crc32(third, groups)
                here += (crc32(plain[at + 2], pair) & _MASK, groups & _MASK, crc32(third, group ^ 1) & _MASK)
                if at + 2 < last:
                    fourth = named[at + 3]
                    here += (crc32(fourth, groups) & _MASK, crc32(fourth, group ^ 2) & _MASK)
        found.append(here)
    return found
