"""The sentences screening learns from and is measured on: plain text, a heading for each label, a message a line.

== immediate violence            risk, its categories; then abuse, its categories; then at whom if not at staff
hes {in|inside} the house        {a|b} stands for each
bot: Is he there? || yes         turns before, oldest first; the last part is the message

In folders by what they are mostly about: danger, no_danger, to_advisors, to_bots, groups, everyday. The label is the
heading's alone, and every file has both sides.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from handoff.screening.labels import Label, label
from handoff.verdict import Turn

FOLDER = Path(__file__).parent / "sentences"
_CHOICE = re.compile(r"\{([^{}|]*(?:\|[^{}|]*)+)\}")


class SentencesError(ValueError):
    """A file that can't be read; the message names file, line and what to mend."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One written line: its choices not yet made."""

    text: str
    label: Label
    place: str  # file:line

    def spoken(self, most: int) -> list[tuple[str, tuple[Turn, ...]]]:
        """Up to `most` ways of saying it, each with the turns before it; always the same ones."""
        pieces = _CHOICE.split(self.text)
        choices = [piece.split("|") if at % 2 else [piece] for at, piece in enumerate(pieces)]
        ways = ["".join(way) for way in product(*choices)]
        if len(ways) > most:
            ways = random.Random(self.text).sample(ways, most)  # noqa: S311 - the same choice every time, not a secret
        return [_turns(way) for way in ways]


def _turns(line: str) -> tuple[str, tuple[Turn, ...]]:
    *before, text = (part.strip() for part in line.split(" || "))
    turns = [
        Turn(author="bot", text=part[4:].strip()) if part.startswith("bot:") else Turn(author="person", text=part)
        for part in before
    ]
    return text, tuple(turns)


def read(paths: Iterable[Path]) -> Iterator[Sentence]:
    """Every sentence of these files, in order. Raises `SentencesError`."""
    for path in paths:
        now: Label | None = None
        for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            line = raw.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("=="):
                try:
                    now = label(line[2:])
                except ValueError as error:
                    raise SentencesError(f"{path.name}:{number}: {error}") from error
            elif now is None:
                raise SentencesError(f"{path.name}:{number}: a sentence before the first == heading")
            else:
                yield Sentence(line, now, f"{path.name}:{number}")


def all_of(folder: Path = FOLDER) -> list[Sentence]:
    """The sentences of a folder, files by name."""
    return list(read(sorted(folder.rglob("*.txt"))))
