"""Learn the model of screening from the sentences: `python -m handoff.screening.training`.

Logistic regression, one for each head, over sparse counts; the weights are rounded to bytes. The same sentences make
the same file. What is learnt from is only what we wrote: never a contact (see docs/screening.md).
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier

from handoff.screening import document as documents
from handoff.screening import features, history, model, notes
from handoff.screening.history import together
from handoff.screening.labels import Label
from handoff.screening.lexicon import FOLDER, Lexicon
from handoff.screening.training.sentences import Sentence
from handoff.screening.training.typing import typed
from handoff.verdict import ABUSE_CATEGORIES, RISK_CATEGORIES, Abuse, Risk, Turn

CATEGORIES = (*sorted(RISK_CATEGORIES), *sorted(ABUSE_CATEGORIES))
GROUPS = ABUSE_CATEGORIES - {"insult", "sexual", "threat"}
WAYS = 3  # at most, of a sentence with choices
CORE, EVERY = "core.txt", 30  # the plainest sentences are learnt in every way they may be said
STRENGTH = 3.0  # of the regression: higher trusts single sentences more
ALARM = -1.0  # a part of a harmless message that scores higher than this is learnt from once more
KINDS_WIDTH = 1 << 15  # features that tell categories apart


def answers(label: Label) -> list[bool]:
    """What each head should say of a message with this label."""
    return [
        label.risk is Risk.IMMEDIATE,
        label.risk is not Risk.NONE,
        label.abuse >= Abuse.ABUSIVE,
        label.abuse is Abuse.THREATENING,
        label.abuse is not Abuse.NONE and bool(label.categories & GROUPS),
    ]


@dataclass(frozen=True, slots=True)
class Example:
    """One way of saying and typing a sentence, taken apart."""

    label: Label
    reading: model.Reading
    where: list[tuple[int, int]]
    weight: float
    as_written: bool = False  # not another way of saying or typing it


def examples(sentences: Sequence[Sentence], lexicon: Lexicon) -> list[Example]:
    """Every sentence as written, in some of the ways it may be said, and once as somebody else would type it."""
    made: list[Example] = []
    for sentence in sentences:
        chance = random.Random(sentence.text)  # noqa: S311 - the same every time
        core = sentence.place.startswith(CORE)
        spoken = sentence.spoken(EVERY if core else WAYS)
        weight = 1.0 if core else 1.0 / (len(spoken) + 1) ** 0.5
        first, before = spoken[0]
        for at, (text, turns) in enumerate([*spoken, (typed(first, chance), before)]):
            if (example := _example(text, turns, sentence.label, lexicon, weight)) is not None:
                made.append(replace(example, as_written=at == 0))
    return made


def _example(text: str, turns: Sequence[Turn], label: Label, lexicon: Lexicon, weight: float) -> Example | None:
    if turns:
        document = together(turns, text, lexicon)
        if document is None:
            return None
        return Example(label, model.read(document, [], lexicon.alike), [(0, len(document.words))], weight)
    document = documents.read(text, lexicon.words)
    noted = notes.of(document, lexicon, label.service or "survivors")
    return Example(label, model.read(document, noted, lexicon.alike), model.parts(document), weight)


Rows = list[tuple[Example, tuple[int, int]]]


def _table(rows: Iterable[Iterable[int]], width: int) -> csr_matrix:
    """How often each number is there, one row each."""
    starts, columns, values = [0], list[int](), list[int]()
    for numbers in rows:
        counts = Counter(numbers)
        columns += counts.keys()
        values += counts.values()
        starts.append(len(columns))
    return csr_matrix((values, columns, starts), shape=(len(starts) - 1, width), dtype=np.float64)


def _words(rows: Rows) -> csr_matrix:
    return _table(
        ((number for found in one.reading.features[first:last] for number in found) for one, (first, last) in rows),
        features.WIDTH,
    )


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learnt, before it is rounded: `Model` says what the parts are."""

    weights: npt.NDArray[np.float64]  # of the words' features, then of the notes
    bias: npt.NDArray[np.float64]
    rarity: npt.NDArray[np.int64]
    notes: Mapping[str, int]  # name → its place among the notes

    def score(self, rows: Rows) -> npt.NDArray[np.float64]:
        return np.asarray(_weighed(rows, self.rarity, self.notes) @ self.weights + self.bias)


def _weighed(rows: Rows, rarity: npt.NDArray[np.int64], noted: Mapping[str, int]) -> csr_matrix:
    """Rows as `Model.score` weighs them."""
    words = _words(rows)
    length = np.maximum(model.QUIETEST, np.asarray(words @ rarity).ravel()) ** 0.5
    there = _table(
        (
            (noted[name] for at, name in set(one.reading.notes) if first <= at < last and name in noted)
            for one, (first, last) in rows
        ),
        len(noted),
    )
    return csr_matrix(hstack([diags(model.LOUDNESS / length) @ words @ diags(rarity**0.5), model.NOTE * there]))


def _rarity(rows: Rows) -> npt.NDArray[np.int64]:
    """The square of each feature's inverse document frequency, as a byte. Unknown features count as rare."""
    there = np.asarray((_words(rows) > 0).sum(axis=0)).ravel()
    squares: npt.NDArray[np.int64] = np.rint(np.log((1 + len(rows)) / (1 + there)) ** 2).astype(np.int64)
    return np.minimum(255, squares)


def fit(made: Sequence[Example]) -> model.Model:
    """A model of these examples: learnt from whole messages, then again with what the first one got wrong in parts."""
    rows = [(example, example.where[0]) for example in made]
    weights = [example.weight for example in made]
    rarity = _rarity(rows)
    noted = {name: at for at, name in enumerate(sorted({name for one in made for _, name in one.reading.notes}))}
    first = _fit(rows, weights, rarity, noted, exactly=0.5)
    again, extra = _parts(first, made)
    return _rounded(_fit(rows + again, weights + extra, rarity, noted, exactly=0.1), _kinds(made))


def _fit(
    rows: Rows, weights: list[float], rarity: npt.NDArray[np.int64], noted: Mapping[str, int], exactly: float
) -> Fitted:
    wanted = np.array([answers(example.label) for example, _ in rows])
    weight = np.array(weights) / np.mean(weights)
    learnt = _learn(_weighed(rows, rarity, noted), wanted, exactly, sample_weight=weight)
    bias = np.array([float(one.intercept_[0]) for one in learnt])
    return Fitted(np.stack([one.coef_[0] for one in learnt], axis=1), bias, rarity, noted)


def _learn(
    table: csr_matrix, wanted: npt.NDArray[np.bool_], exactly: float, **more: npt.NDArray[np.float64]
) -> list[LogisticRegression]:
    """One for each column, each in a process of its own: liblinear's chance is the same every time only there."""
    table.sum_duplicates()  # here, where it may be changed
    one = LogisticRegression(C=STRENGTH, dual=True, solver="liblinear", tol=exactly, max_iter=200, random_state=0)
    learnt = MultiOutputClassifier(one, n_jobs=-1).fit(table, wanted, **more).estimators_
    return list(learnt)


def _parts(fitted: Fitted, made: Sequence[Example]) -> tuple[Rows, list[float]]:
    """Parts to learn from as well: of harmless messages those that alarm, of others the one that tells most."""
    found: Rows = [
        (e, place) for e in made if len(e.where) > 1 for place in e.where[e.where[0] == (0, len(e.reading.features)) :]
    ]
    scores = fitted.score(found)
    rows: Rows = []
    weights: list[float] = []
    best: dict[int, tuple[float, tuple[Example, tuple[int, int]]]] = {}
    for row, score in zip(found, scores, strict=True):
        told = answers(row[0].label)
        if not any(told):
            if score.max() > ALARM:
                rows.append(row)
                weights.append(row[0].weight / 2)
            continue
        loudest = float(score[told].max())
        if id(row[0]) not in best or loudest > best[id(row[0])][0]:
            best[id(row[0])] = (loudest, row)
    rows += [row for _, row in best.values()]
    return rows, weights + [row[0].weight / 2 for _, row in best.values()]


def _kinds(made: Sequence[Example]) -> npt.NDArray[np.float64]:
    """What kind of risk or abuse it is, asked only when there is some: learnt from what has one, by itself."""
    named = [example for example in made if example.as_written and example.label.categories]
    words = _table(({n % KINDS_WIDTH for there in one.reading.features for n in there} for one in named), KINDS_WIDTH)
    table = csr_matrix(diags(1 / np.maximum(1, np.asarray(words.sum(axis=1)).ravel()) ** 0.5) @ words)

    kinds = np.zeros((KINDS_WIDTH, len(CATEGORIES)))
    for family in (RISK_CATEGORIES, ABUSE_CATEGORIES):
        among = np.array([bool(one.label.categories & family) for one in named])
        columns = [at for at, category in enumerate(CATEGORIES) if category in family]
        it = np.array([[CATEGORIES[at] in one.label.categories for at in columns] for one in named])
        kinds[:, columns] = np.stack([one.coef_[0] for one in _learn(table[among], it[among], 0.5)], axis=1)
    return kinds


def _rounded(fitted: Fitted, kinds: npt.NDArray[np.float64]) -> model.Model:
    words = fitted.weights[: features.WIDTH] * (fitted.rarity**0.5)[:, None]
    weights = np.concatenate([words, fitted.weights[features.WIDTH :]])
    scale = np.abs(weights).max(axis=0) / 127
    kinds_scale = float(np.abs(kinds).max()) / 127
    meta: dict[str, Any] = {
        "heads": list(model.HEADS),
        "categories": list(CATEGORIES),
        "notes": list(fitted.notes),
    }
    small = np.rint(weights / scale).astype(np.int8)
    rough = np.rint(kinds / kinds_scale).astype(np.int8)
    return model.Model(small, scale, np.round(fitted.bias, 6), fitted.rarity.astype(np.uint8), rough, meta)


def fingerprint(paths: Iterable[Path]) -> str:
    """One hash over the names and contents of what a model is made of."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def inputs() -> str:
    """The fingerprint of everything today's model would be made of."""
    code = [Path(module.__file__ or "") for module in (documents, features, history, model, notes)]
    here = Path(__file__).parent
    return fingerprint([*code, *here.glob("*.py"), *(here / "sentences").glob("*.txt"), *FOLDER.glob("*.yml")])


def write(made: model.Model, path: Path) -> None:
    """Put a model in place, whole or not at all."""
    beside = path.with_suffix(".new.npz")
    arrays = {name: getattr(made, name) for name in model.ARRAYS}
    np.savez_compressed(beside, meta=json.dumps(made.meta), allow_pickle=False, **arrays)
    beside.replace(path)
