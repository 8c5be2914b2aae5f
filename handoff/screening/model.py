"""The trained step: a linear model over what `features` sees, read from a file that holds numbers and no words.

A message is scored as a whole and part by part (each sentence, and stretches of a long one), and the worst part counts:
what somebody lets slip in the middle of a long message weighs as much as if they had said only that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from handoff.screening import features
from handoff.screening.document import Document

FILE = Path(__file__).parent / "model.npz"
HEADS = ("immediate", "risk", "abusive", "threatening", "discriminatory")
WHOLE = 60  # words: a longer message is read in parts only
PART = 24  # words: a sentence that is longer is read in overlapping stretches of this length
QUIETEST = 3000.0  # rarity a part is taken to have at least, so that one word doesn't shout
LOUDNESS = 4.0  # of the words together, beside a rule's
NOTE = 0.7  # of a rule
ASIDE = 1.0  # how much more a part must say than the whole: torn from its sentence a word may mean something else

ARRAYS = ("known", "weights", "scale", "bias", "rarity", "kinds")

Numbers = npt.NDArray[Any]
ONE = np.uint64(1)


class ModelError(Exception):
    """The model can't be used; the message names the file and the mend."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Of each part of a document (words `where[i][0]` up to but not including `where[i][1]`), for each head."""

    where: Sequence[tuple[int, int]]
    table: Numbers  # [part, head]

    def best(self, head: str) -> tuple[float, tuple[int, int]]:
        """The highest score for a head, and the part that has it."""
        column = self.table[:, HEADS.index(head)]
        at = int(column.argmax())
        return float(column[at]), self.where[at]


@dataclass(slots=True)
class Reading:
    """What the model needs of a message: for each word its features, and what the rules noted at which word."""

    features: list[list[int]]
    notes: list[tuple[int, str]]


def read(document: Document, notes: Sequence[tuple[int, str]], alike: Mapping[str, str]) -> Reading:
    """The features of every word. Linear in the message; a word said twice has its letters taken apart once."""
    found = features.neighbours(document.words, alike)
    known: dict[str, list[int]] = {}
    for at, word in enumerate(document.words):
        taken = known.get(word)
        if taken is None:
            taken = known[word] = features.letters(word)
        found[at] += taken
    return Reading(found, list(notes))


def parts(document: Document) -> list[tuple[int, int]]:
    """Where a message is read: the whole of it first if it is short enough, then its sentences or their stretches."""
    total = len(document.words)
    found = [(0, total)] if total <= WHOLE else []
    first = 0
    for at in range(1, total + 1):
        if at < total and document.words[at] != ".":
            continue
        last = min(at + 1, total)
        if last - first > PART + PART // 2:
            starts = range(first, last - PART // 2, PART // 2)
            found += [(start, min(start + PART, last)) for start in starts]
        elif last - first > 2 and (first, last) != (0, total):
            found.append((first, last))
        first = at
    return found or [(0, total)]


class Model:
    """Weights by feature and head. Integers, so that the same message scores the same on every machine.

    `known`: a bit for each feature, whether it was learnt; the rows of the other tables are those that were, in order.
    `rarity` [feature, and last what is not known]: how much it adds to the length of a part, which its score is
    divided by; `weights` [feature or note, head], `scale` and `bias` [head]; `kinds` [feature, category]: which kind it
    speaks for.
    """

    def __init__(
        self,
        known: Numbers,
        weights: Numbers,
        scale: Numbers,
        bias: Numbers,
        rarity: Numbers,
        kinds: Numbers,
        meta: Mapping[str, Any],
    ) -> None:
        self.known, self.weights, self.rarity, self.kinds = known, weights, rarity, kinds
        self.scale, self.bias, self.meta = scale, bias, dict(meta)
        self._bits = known.view("<u8")
        counts = np.bitwise_count(self._bits).astype(np.int64)
        self._before = np.cumsum(counts) - counts  # known features before each 64 of them
        self._total = total = int(counts.sum())
        self._table = np.zeros((total + 1, len(HEADS) + 1), dtype=np.int16)
        self._table[:total, :-1], self._table[:, -1] = weights[:total], rarity
        self.categories: tuple[str, ...] = tuple(meta["categories"])
        self.notes = {name: total + at for at, name in enumerate(meta["notes"])}

    def _rows(self, found: Sequence[Sequence[int]]) -> Numbers:
        """For each word what its features add: to each head, and to the length."""
        flat = np.fromiter(chain.from_iterable(found), dtype=np.int64)
        starts = np.zeros(len(found), dtype=np.intp)
        np.cumsum([len(one) for one in found[:-1]], out=starts[1:])
        bits, bit = self._bits[flat >> 6], (flat & 63).astype(np.uint64)
        at = self._before[flat >> 6] + np.bitwise_count(bits & ((ONE << bit) - ONE))
        at[bits >> bit & ONE == 0] = self._total  # not known
        return np.add.reduceat(self._table[at], starts, axis=0, dtype=np.int64)

    @classmethod
    def load(cls, path: Path = FILE) -> Model:
        """Read a model. Raises `ModelError`."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                meta = json.loads(str(stored["meta"]))
                model = cls(**{name: stored[name] for name in ARRAYS}, meta=meta)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ModelError(f"{path.name}: cannot be read ({type(error).__name__}); run make train") from error
        if len(model.known) * 8 != features.WIDTH or tuple(meta["heads"]) != HEADS:
            raise ModelError(f"{path.name}: of another version; run make train")
        return model

    def score(self, reading: Reading, where: Sequence[tuple[int, int]]) -> Scores:
        """Every part's score for every head: above its threshold, the head has heard something."""
        total = len(reading.features)
        sums = np.zeros((total + 1, len(HEADS) + 1), dtype=np.int64)  # up to each word: its weights, then its rarity
        np.cumsum(self._rows(reading.features), axis=0, out=sums[1:])
        first, last = np.array(where).T
        there = sums[last] - sums[first]
        told = np.zeros((len(where), len(HEADS)), dtype=np.int64)
        for at, name in set(reading.notes):
            if (row := self.notes.get(name)) is not None:
                told[(first <= at) & (at < last)] += self.weights[row]
        words = there[:, :-1] * (LOUDNESS / np.sqrt(np.maximum(QUIETEST, there[:, -1])))[:, None]
        aside = np.where(last - first < total, ASIDE, 0.0)[:, None]
        return Scores(where, (words + NOTE * told) * self.scale + self.bias - aside)

    def telling(self, reading: Reading, part: tuple[int, int], head: str) -> tuple[int, int]:
        """The run of words in a part that speaks loudest for a head."""
        best, where, now, start = 0, part, 0, part[0]
        said = self._rows(reading.features[slice(*part)])[:, HEADS.index(head)].tolist()
        for at, here in zip(range(*part), said, strict=True):
            if now <= 0:
                now, start = 0, at
            now += here
            if now > best:
                best, where = now, (start, at + 1)
        return where

    def kind(self, reading: Reading, part: tuple[int, int], among: Sequence[str]) -> str:
        """Which of these categories the words of a part speak for most."""
        columns = [self.categories.index(category) for category in among]
        there = {number % len(self.kinds) for found in reading.features[slice(*part)] for number in found}
        votes = self.kinds[sorted(there)][:, columns].sum(axis=0, dtype=np.int64)
        return among[int(votes.argmax())]
