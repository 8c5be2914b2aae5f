"""One message, made into plain words that know where they were typed.

`Document.line` is the words joined by single spaces, sentences ended by ` . `: what the lexicon's phrases are looked
for in. Nothing here keeps a word after the message is done: no cache, no growing vocabulary (promise 11).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from handoff.screening.folding import fold
from handoff.screening.words import Words

LONGEST = 20_000  # characters; the socket allows less, a paste into the command may not

_TOKEN = re.compile(
    r"(?P<word>[a-z0-9@$*|+](?:[a-z0-9@$*!|+']*[a-z0-9@$*|+])?)"
    r"|(?P<end>[.?!\n]+)"
    r'|(?P<quote>")'
    r"|(?P<comma>[,;:()]|(?<= )-+)"
)
# Four or more single letters with something between them: "k i l l", "k.i.l.l".
_SPACED = re.compile(r"(?<![a-z0-9'@$])(?:[a-z0-9@$][ .\-_*~]{1,3}){3,}[a-z0-9@$](?![a-z0-9'@$])")
_WIDE = re.compile(r"[ .\-_*~]{2,}")
_GLUE = re.compile(r"[ .\-_*~]+")
_SELF = {"my": "myself", "your": "yourself", "him": "himself", "her": "herself", "them": "themselves"}


@dataclass(slots=True)
class Document:
    """Parallel lists, one place a word: `words[i]` was typed at `text[starts[i]:ends[i]]`."""

    text: str
    words: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    sentence: list[int] = field(default_factory=list)
    comma_before: set[int] = field(default_factory=set)
    quoted: set[int] = field(default_factory=set)
    line: str = ""
    offsets: list[int] = field(default_factory=list)  # where words[i] begins in `line`

    def add(self, word: str, start: int, end: int, sentence: int) -> None:
        self.words.append(word)
        self.starts.append(start)
        self.ends.append(end)
        self.sentence.append(sentence)


def read(text: str, words: Words) -> Document:
    """Normalise one message. Linear in its length; never raises for any string."""
    folded, places = fold(text[:LONGEST])
    document = Document(text)
    document.add(".", 0, 0, 0)
    sentence = 0
    quote_opened: int | None = None
    comma = False
    at = 0
    runs = list(_SPACED.finditer(folded)) if len(folded) >= 7 else []
    edges = [(run.start(), run.end()) for run in runs] + [(len(folded), len(folded))]
    for run_start, run_end in edges:
        for token in _TOKEN.finditer(folded, at, run_start):
            kind = token.lastgroup
            start, end = token.span()
            if kind == "word":
                if comma:
                    document.comma_before.add(len(document.words))
                    comma = False
                first, last = (start, end) if places is None else (places[start], places[end - 1] + 1)
                for word in words.resolve(token[0]):
                    document.add(word, first, last, sentence)
            elif kind == "end":
                if document.words[-1] != ".":
                    place = start if places is None else places[start]
                    document.add(".", place, place, sentence)
                    sentence += 1
                comma = False
            elif kind == "comma":
                comma = True
            elif quote_opened is None:
                quote_opened = len(document.words)
            else:
                document.quoted.update(range(quote_opened, len(document.words)))
                quote_opened = None
        if run_end > run_start:
            first, last = (run_start, run_end) if places is None else (places[run_start], places[run_end - 1] + 1)
            for word in _unspaced(folded[run_start:run_end], words):
                document.add(word, first, last, sentence)
        at = run_end
    _join(document, words)
    if document.words[-1] != ".":
        document.add(".", len(text), len(text), sentence)
    offset = 1
    for word in document.words:
        document.offsets.append(offset)
        offset += len(word) + 1
    document.line = " " + " ".join(document.words) + " "
    return document


def _unspaced(run: str, words: Words) -> list[str]:
    """The words of a run of spaced-out letters; the letters themselves if they make none we know."""
    if _WIDE.search(run):
        groups = [_GLUE.sub("", group) for group in _WIDE.split(run)]
        found = [word for group in groups for word in (words.split(group) or [group])]
        if any(len(group) > 1 for group in groups):
            return found
    glued = _GLUE.sub("", run)
    return words.split(glued) or words.known_or_none(glued) or _GLUE.sub(" ", run).split()


def _join(document: Document, words: Words) -> None:
    """Words broken by a stray space: "my self", "sui cide"."""
    listed = document.words
    if "self" not in listed and all(word in words.vocabulary or word in ". " for word in listed):
        return
    at = 0
    while at + 1 < len(listed):
        left, right = listed[at], listed[at + 1]
        joined = None
        if right == "self":
            joined = _SELF.get(left)
        elif left not in words.vocabulary or right not in words.vocabulary:
            joined = left + right if left + right in words.joinable else None
        if joined is None:
            at += 1
            continue
        listed[at] = joined
        document.ends[at] = document.ends[at + 1]
        for column in (listed, document.starts, document.ends, document.sentence):
            del column[at + 1]
        document.comma_before = {i if i <= at else i - 1 for i in document.comma_before}
        document.quoted = {i if i <= at else i - 1 for i in document.quoted}
