"""The small language the lexicon is written in, and the index that finds its phrases.

    (want|going) to (die|kill myself)     words and choices          he is? outside        `?`: may be missing
    <kin> hit~ me                         a class, and a verb in all its forms
    took .. tablets                       `..` up to 3 words between, `...` up to 6; never across a sentence
    ^ help me $                           start and end of a sentence

A phrase is compiled to one regular expression over the normalised words, bounded in length, and filed under its
rarest words (its anchors). Only phrases whose anchor occurs are tried, only near that anchor: the cost of a message
grows with its own length, not with the lexicon.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PIECE = re.compile(r"\s*(\(|\)|\||\?|<[a-z_]+>|\.\.\.|\.\.|\^|\$|[#a-z0-9']+~?)")
_GAPS = {"..": 3, "...": 6}
_IRREGULAR = {
    "hit": "hit hits hitting",
    "hurt": "hurt hurts hurting",
    "cut": "cut cuts cutting",
    "beat": "beat beats beaten beating",
    "take": "take takes took taken taking",
    "get": "get gets got getting gotten",
    "have": "have has had having",
    "go": "go goes went gone going",
    "leave": "leave leaves left leaving",
    "say": "say says said saying",
    "tell": "tell tells told telling",
    "give": "give gives gave given giving",
    "hang": "hang hangs hung hanged hanging",
    "throw": "throw throws threw thrown throwing",
    "break": "break breaks broke broken breaking",
    "come": "come comes came coming",
    "run": "run runs ran running",
    "drive": "drive drives drove driven driving",
    "hold": "hold holds held holding",
    "put": "put puts putting",
    "set": "set sets setting",
    "find": "find finds found finding",
    "buy": "buy buys bought buying",
    "write": "write writes wrote written writing",
    "sell": "sell sells sold selling",
    "shoot": "shoot shoots shot shooting",
    "bleed": "bleed bleeds bled bleeding",
    "die": "die dies died dying",
    "feel": "feel feels felt feeling",
    "make": "make makes made making",
    "force": "force forces forced forcing",
    "do": "do does did done doing",
    "keep": "keep keeps kept keeping",
    "see": "see sees saw seen seeing",
    "send": "send sends sent sending",
    "sleep": "sleep sleeps slept sleeping",
    "hear": "hear hears heard hearing",
    "lose": "lose loses lost losing",
    "burn": "burn burns burned burnt burning",
    "steal": "steal steals stole stolen stealing",
    "choke": "choke chokes choked choking",
    "eat": "eat eats ate eaten eating",
    "shut": "shut shuts shutting",
    "speak": "speak speaks spoke spoken speaking",
    "think": "think thinks thought thinking",
}
# How common a word is, roughly; everything else counts as rare and makes a good anchor.
_COMMON = {
    word: rank
    for rank, line in enumerate(
        (
            "here back out off now never really all been home about way over up down got going want get go know can",
            "my me he she they you your his her is am are was will not do of for on in with this that so just have has",
            "i to the a and it",
        ),
        start=1,
    )
    for word in line.split()
}


class PatternError(ValueError):
    """A phrase of the lexicon that can't be read; the message says which and why."""


def forms(verb: str) -> list[str]:
    """All forms of an English verb: `stab` → stab, stabs, stabbed, stabbing."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb].split()
    if verb.endswith("e"):
        return [verb, verb + "s", verb + "d", verb[:-1] + "ing"]
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return [verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"]
    if len(verb) <= 4 and re.fullmatch(r".*[^aeiou][aeiou][bdgmnpt]", verb):
        return [verb, verb + "s", verb + verb[-1] + "ed", verb + verb[-1] + "ing"]
    plural = "es" if verb.endswith(("s", "sh", "ch", "x")) else "s"
    return [verb, verb + plural, verb + "ed", verb + "ing"]


@dataclass(slots=True)
class _Part:
    """One element of a phrase while it is compiled: its expression, its longest run of words, its anchors."""

    source: str
    longest: int
    anchors: frozenset[str] | None  # None: nothing here that must occur


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled phrase. `before` and `after`: how many words it may reach from an anchor, the anchor counted.
    `needs`: for each other part that must occur, the words of which one must be near."""

    source: str
    expression: re.Pattern[str]
    anchors: frozenset[str]
    before: int
    after: int
    needs: tuple[frozenset[str], ...]
    words: frozenset[str]


def _rank(anchors: frozenset[str]) -> int:
    return max((_COMMON.get(word, 0) for word in anchors), default=9)


def _best(parts: list[_Part]) -> frozenset[str] | None:
    offered = [part.anchors for part in parts if part.anchors]
    return min(offered, key=lambda a: (_rank(a), len(a))) if offered else None


class _Reader:
    def __init__(self, source: str, classes: Mapping[str, str]) -> None:
        self.source, self.classes = source, classes
        self.pieces: list[str] = []
        self.words: set[str] = set()
        at = 0
        text = source.strip()
        while at < len(text):
            found = _PIECE.match(text, at)
            if found is None:
                raise PatternError(f"phrase {source!r}: cannot read from {text[at:]!r}")
            self.pieces.append(found[1])
            at = found.end()
        self.at = 0

    def peek(self) -> str | None:
        return self.pieces[self.at] if self.at < len(self.pieces) else None

    def sequence(self) -> list[_Part]:
        parts: list[_Part] = []
        while (piece := self.peek()) is not None and piece not in {")", "|"}:
            self.at += 1
            if piece == "?":
                if not parts:
                    raise PatternError(f"phrase {self.source!r}: ? after nothing")
                last = parts[-1]
                parts[-1] = _Part(f"(?:{last.source})?", last.longest, None)
            elif piece in _GAPS:
                parts.append(_Part(rf"(?:[^ .]+ ){{0,{_GAPS[piece]}}}?", _GAPS[piece], None))
            elif piece in {"^", "$"}:
                parts.append(_Part(r"(?<=\. )" if piece == "^" else r"(?=\. )", 1, None))
            elif piece == "(":
                parts.append(self.choice())
            elif piece[0] == "<":
                parts.append(self.named(piece[1:-1]))
            else:
                parts.append(self.word(piece))
        return parts

    def choice(self) -> _Part:
        branches: list[list[_Part]] = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.sequence())
        if self.peek() != ")":
            raise PatternError(f"phrase {self.source!r}: a bracket is not closed")
        self.at += 1
        anchors: set[str] = set()
        complete = True
        for branch in branches:
            best = _best(branch)
            complete = complete and best is not None
            anchors |= best or set()
        source = "|".join("".join(part.source for part in branch) for branch in branches)
        longest = max(sum(part.longest for part in branch) for branch in branches)
        return _Part(f"(?:{source})", longest, frozenset(anchors) if complete else None)

    def named(self, name: str) -> _Part:
        if name not in self.classes:
            raise PatternError(f"phrase {self.source!r}: no class <{name}>")
        inner = _Reader(f"({self.classes[name]})", self.classes)
        parts = inner.sequence()
        self.words |= inner.words
        return parts[0]

    def word(self, piece: str) -> _Part:
        words = forms(piece[:-1]) if piece.endswith("~") else [piece]
        self.words.update(words)
        source = "|".join(re.escape(word) for word in words)
        return _Part(f"(?:{source}) " if len(words) > 1 else f"{source} ", 1, frozenset(words))


def compile_pattern(source: str, classes: Mapping[str, str]) -> Pattern:
    """One phrase of the lexicon, ready to be looked for. Raises `PatternError`, naming the phrase."""
    reader = _Reader(source, classes)
    parts = reader.sequence()
    if reader.peek() is not None:
        raise PatternError(f"phrase {source!r}: a bracket too many")
    anchors = _best(parts)
    if not anchors:
        raise PatternError(f"phrase {source!r}: no word in it must occur")
    at = next(i for i, part in enumerate(parts) if part.anchors is anchors)
    return Pattern(
        source=source.strip(),
        expression=re.compile("(?<= )" + "".join(part.source for part in parts)),
        anchors=anchors,
        before=sum(part.longest for part in parts[: at + 1]) + 1,
        after=sum(part.longest for part in parts[at:]) + 1,
        needs=tuple(part.anchors for i, part in enumerate(parts) if i != at and part.anchors),
        words=frozenset(reader.words),
    )
