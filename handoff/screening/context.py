"""Whether a phrase means what it says: negated, past, supposed, a story, somebody else's words, an idiom.

A light form of the ConText method: each cue takes back the phrases within its reach, and only those.
A cue may lower a finding, never hide another: "I'm not suicidal but I've got the tablets here" keeps the tablets.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from handoff.screening.document import Document
from handoff.screening.lexicon import Lexicon
from handoff.screening.message import Hit
from handoff.screening.pattern import Pattern

_SUBJECTS = frozenset(["i", "he", "she", "they", "we"])
_THINKER = "think thought believe say said saying mean feel reckon expect suppose that like imagine guess says does did"
_THINKERS = frozenset(_THINKER.split())
_REACH = 6  # words from a negation to the phrase it takes back
_TURN = "but because cause cos cuz coz if unless until till though although except yet and so then when where who"
_TURNS = frozenset(_TURN.split())


_US = frozenset("you your yours yourself yourselves u ur ya yer ye yous youse".split())
_OTHERS = frozenset(
    "he she they him her them his hers their theirs mum mam mom dad sister brother son daughter husband wife partner "
    "boyfriend girlfriend ex boss neighbour teacher".split()
)


def weigh(document: Document, hits: list[Hit], lexicon: Lexicon) -> list[Hit]:
    """The hits that are findings, with `lowered_by` set on those that context takes back."""
    cues: dict[str, list[Hit]] = {}
    found: list[Hit] = []
    for hit in hits:
        if hit.rule.cue:
            cues.setdefault(hit.rule.cue, []).append(hit)
        elif not hit.rule.answer:  # a question counts only when it is answered: see history
            found.append(hit)
    if not found:
        return []
    kept: list[Hit] = []
    taken_back: dict[tuple[str, int], bool] = {}
    for hit in found:
        key = (hit.phrase.name, document.sentence[hit.first])
        if key not in taken_back:
            taken_back[key] = _vetoed(document, key[1], lexicon.vetoes.get(key[0], ()))
        if taken_back[key]:
            continue
        if "idiom" not in hit.rule.keeps and any(_overlap(hit, cue) for cue in cues.get("idiom", ())):
            continue
        hit.lowered_by = _lowered(document, hit, cues)
        kept.append(hit)
    return kept


def _vetoed(document: Document, sentence: int, vetoes: Sequence[Pattern]) -> bool:
    if not vetoes:
        return False
    first = bisect_left(document.sentence, sentence)
    last = bisect_right(document.sentence, sentence) - 1
    start, end = max(0, document.offsets[first] - 2), document.offsets[last] + len(document.words[last]) + 1
    return any(veto.expression.search(document.line, start, end) for veto in vetoes)


def _lowered(document: Document, hit: Hit, cues: dict[str, list[Hit]]) -> str:
    keeps = hit.rule.keeps
    if "negation" not in keeps and _negated(document, hit, cues):
        return "negation"
    if "quoting" not in keeps and hit.rule.abuse:
        if any(at in document.quoted for at in range(hit.first, hit.last)):
            return "quoting"
        for cue in cues.get("quoting", ()):
            if _same_sentence(document, hit, cue) and (cue.first <= hit.first or _overlap(hit, cue)):
                return "quoting"
    if hit.rule.abuse == "abusive" and _of_somebody_else(document, hit):
        return "others"
    if "countering" not in keeps and any(_same_sentence(document, hit, cue) for cue in cues.get("countering", ())):
        return "countering"
    if cues.get("now"):
        return ""  # now, again, still: the past and the story are not the whole of it
    for name in ("past", "hypothetical", "story"):
        if name not in keeps and any(_near(document, hit, cue, name) for cue in cues.get(name, ())):
            return name
    return ""


def _of_somebody_else(document: Document, hit: Hit) -> bool:
    """ "my sister is a stupid cow": somebody else is spoken of, and nobody here is spoken to (M16 is about us)."""
    here = document.sentence[hit.first]
    said = {word for word, sentence in zip(document.words, document.sentence, strict=True) if sentence == here}
    return bool(said & _OTHERS) and not said & _US


def _near(document: Document, hit: Hit, cue: Hit, name: str) -> bool:
    between = document.sentence[hit.first] - document.sentence[cue.first]
    return between == 0 or (name == "story" and between == 1)


def _negated(document: Document, hit: Hit, cues: dict[str, list[Hit]]) -> bool:
    for cue in cues.get("negation", ()):
        if not (cue.last <= hit.first <= cue.last + _REACH) or not _same_sentence(document, hit, cue):
            continue
        if any(_overlap(cue, pseudo) for pseudo in cues.get("not_negation", ())):
            continue
        between = range(cue.last, hit.first)
        if any(document.words[at] in _TURNS for at in between) or _new_clause(document, cue.last, hit.first):
            continue
        if any(at in document.comma_before for at in range(cue.last, hit.first + 1)):
            continue
        return True
    return False


def _new_clause(document: Document, start: int, first: int) -> bool:
    """Chat has few commas: "hes not here i want to die" begins anew at its second subject."""
    words = document.words
    return any(words[at] in _SUBJECTS and words[at - 1] not in _THINKERS for at in range(start, first + 1))


def _overlap(a: Hit, b: Hit) -> bool:
    return a.first < b.last and b.first < a.last


def _same_sentence(document: Document, a: Hit, b: Hit) -> bool:
    return document.sentence[a.first] == document.sentence[b.first]
