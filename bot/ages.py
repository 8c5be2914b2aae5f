"""Is a number in a text an age said as an age? "bus 12", "room 14" and "im 5 minutes away" are not.

Under 18 is a fact that goes to the person who joins, so it is never guessed from a number alone among other words.
"""

from __future__ import annotations

import re

_WORDS = (
    "seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?"
)
_N = rf"(?:\d{{1,2}}|{_WORDS})"
_NUMBER = re.compile(rf"\d|\b(?:{_WORDS})\b", re.IGNORECASE)
_MONTH = "jan|feb|march|april|may|june?|july?|aug|sep|oct|nov|dec"
_ALONE = re.compile(rf"^\W*{_N}\W*$", re.IGNORECASE)
# What follows a number that counts something else.
_COUNTS = (
    r"(?!\s*(?:[-:./]\s*\d|\d|%|am\b|pm\b|o'?clock|st\b|nd\b|rd\b|th\b|mins?\b|minutes?\b|hours?\b|hrs?\b|days?\b"
    r"|weeks?\b|months?\b|miles?\b|stones?\b|metres?\b|people\b|times?\b|floors?\b|doors?\b|stops?\b|streets?\b|roads?\b"
    r"|in (?:the|a) (?:queue|line|row)\b))"
)
_AGE = re.compile(
    "|".join(
        (
            rf"^\W*{_N}\s*(?:nearly|almost|next|soon|in (?:a |{_MONTH})|is that|and a half|yes|yeah|only)",
            rf"\b(?:i'?m|i am|me)\s+(?:(?:only|just|still|nearly|almost|about|like|a|turning|age|aged)\s+)*{_N}\b"
            rf"{_COUNTS}",
            rf"\b(?:im|i'm|i am)\s+(?:only\s+|just\s+)?{_N}\s*[mf]\b",
            rf"\b(?:turn(?:s|ed|ing)?|aged?|(?:older|younger) than|nearly|almost|only|just|be|being)\s+{_N}\b{_COUNTS}",
            rf"\b(?:under|below|over)\s+{_N}s?\b{_COUNTS}",
            r"\bnot 18\b",
            rf"\b{_N}[\s-]*(?:yo|y/o|y\.o\.?|yrs? old|years? old|yrs?-old|years?-old)\b",
            rf"^\W*(?:{_N}\s*[mf]|[mf]\s*{_N})\b",
            rf"\b(?:year|yr)\s*(?:[7-9]|1[0-3]|{_WORDS})\b",
            rf"\b{_N}\s*(?:\+|plus\b|or (?:over|under)\b)",
            r"\b(?:mid|late|early|in my)\s+[1-9]0'?s\b",
        )
    ),
    re.IGNORECASE,
)


def says_an_age(text: str, *, asked: bool = True) -> bool:
    """False only if the text has a number and none of its numbers is said as an age.

    A number alone is one if "how old are you?" was `asked`; after another question it may be anything.
    """
    text = text.replace("\u2019", "'")
    if _ALONE.search(text):
        return asked
    return not _NUMBER.search(text) or bool(_AGE.search(text))
