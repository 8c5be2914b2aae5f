"""From a word as typed to the word meant: text speak, masks, doubled letters, slips of the finger.

A word the lexicon knows is left alone. Only unknown words are unfolded, and only into words the lexicon knows,
so that an ordinary word is never bent into a terrible one ("tables" is protected from "tablets").
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

_LEET = str.maketrans("013457@$!+|8", "oieastasitlb")
_LEET_L = str.maketrans("013457@$!+|8", "oleastasitlb")
_SIGNS = re.compile(r"[0-9@$!+|*]")
_TRIPLE = re.compile(r"(.)\1{2,}")
_DOUBLE = re.compile(r"(.)\1+")
_TYPO_FROM = 6  # letters; shorter words have too many innocent neighbours
_LONGEST_WORD = 40


def digest(word: str) -> str:
    """How the worst words are kept: folded, so that nobody has to read them in a review."""
    return hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=6, person=b"frontdoor-words").hexdigest()


class Words:
    """What the lexicon knows of words.

    `vocabulary`: every word of a phrase · `means`: text speak → words · `folded`: digest → the class it stands for
    (`#racist`) · `protected`: real words never taken for a slip of another · `glued`: words run together → words.
    """

    def __init__(
        self,
        *,
        vocabulary: Iterable[str],
        means: Mapping[str, tuple[str, ...]],
        folded: Mapping[str, str],
        slips: Iterable[str],
        protected: Iterable[str],
        masked: Iterable[str],
        glued: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.means = dict(means)
        self.vocabulary = frozenset(vocabulary) | {w for meant in self.means.values() for w in meant}
        self.folded = dict(folded)
        self.protected = frozenset(protected)
        self.glued = dict(glued)
        self.joinable = frozenset(word for word in slips if len(word) >= _TYPO_FROM) - self.protected
        self._masked: dict[tuple[str, int], list[str]] = {}
        for word in masked:
            self._masked.setdefault((word[0], len(word)), []).append(word)
        self._slips: dict[str, str] = {}
        for word in sorted(self.joinable):
            for key in _deletions(word):
                self._slips.setdefault(key, word)

    def known(self, word: str) -> tuple[str, ...] | None:
        if word in self.means:
            return self.means[word]
        if word in self.vocabulary:
            return (word,)
        name = self.folded.get(digest(word)) if 2 < len(word) < _LONGEST_WORD else None
        return (name,) if name else None

    def known_or_none(self, word: str) -> list[str] | None:
        found = self.known(word)
        return list(found) if found else None

    def resolve(self, typed: str) -> tuple[str, ...]:
        """The words meant by one typed word; the word itself when nothing better is known."""
        found = self.means.get(typed)
        if found is not None:
            return found
        if typed in self.vocabulary:
            return (typed,)
        word = typed
        if "'" in word:
            if word.endswith("'s"):
                return (*self.resolve(word[:-2]), "is")
            word = word.replace("'", "")
            found = self.known(word)
            if found is not None:
                return found
        if len(word) > _LONGEST_WORD:
            return (word,)
        found = self.known(word)
        if found is not None:
            return found
        if _SIGNS.search(word) and (unmasked := self._unmask(word)) is not None:
            return unmasked
        for plain in (_TRIPLE.sub(r"\1\1", word), _TRIPLE.sub(r"\1", word), _DOUBLE.sub(r"\1", word)):
            if plain != word and (found := self.known(plain)) is not None:
                return found
        if word in self.protected or len(word) < 5:
            return (word,)
        if word in self.glued:
            return self.glued[word]
        return (self._slip(word) or word,)

    def split(self, letters: str) -> list[str] | None:
        """Words out of letters without spaces ("killmyself"), fewest first; None if they don't come out even."""
        if len(letters) > 60:
            return None
        best: list[list[str] | None] = [[]]
        for end in range(1, len(letters) + 1):
            found: list[str] | None = None
            for start in range(max(0, end - 14), end):
                before = best[start]
                if before is None:
                    continue
                piece = letters[start:end]
                if len(piece) == 1 and piece not in "ai":
                    continue
                known = self.known(piece) or self.known(piece.translate(_LEET)) or self.known(piece.translate(_LEET_L))
                if known and (found is None or len(before) + len(known) < len(found)):
                    found = [*before, *known]
            best.append(found)
        return best[-1]

    def _unmask(self, word: str) -> tuple[str, ...] | None:
        bare = word.strip("*|+$")
        if bare and bare != word and (found := self.known(bare)):
            return found
        if not any(letter.isalpha() for letter in word):
            return None
        for table in (_LEET, _LEET_L):
            plain = word.translate(table)
            if "*" not in plain:
                for form in (plain, _DOUBLE.sub(r"\1", plain)):
                    if (found := self.known(form)) is not None:
                        return found
        if "*" in word:
            for known in self._masked.get((word[0], len(word)), ()):
                if all(a in (b, "*") for a, b in zip(word, known, strict=True)):
                    return (known,)
        return None

    def _slip(self, word: str) -> str | None:
        """One letter missing, doubled, swapped or wrong; the first letter is always right."""
        if not _TYPO_FROM - 1 <= len(word) <= 16:
            return None
        for key in _deletions(word):
            target = self._slips.get(key)
            if target is not None and target[0] == word[0] and _near(word, target):
                return target
        return None


def _deletions(word: str) -> list[str]:
    return [word, *(word[:i] + word[i + 1 :] for i in range(1, len(word)))]


def _near(a: str, b: str) -> bool:
    """At most one slip apart (a swap of neighbours counts as one)."""
    if abs(len(a) - len(b)) > 1:
        return False
    i = 0
    while i < min(len(a), len(b)) and a[i] == b[i]:
        i += 1
    rest_a, rest_b = a[i:], b[i:]
    return (
        rest_a[1:] == rest_b
        or rest_a == rest_b[1:]
        or rest_a[1:] == rest_b[1:]
        or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    )
