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
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags, hstack, vstack
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier

from handoff.screening import document as documents
from handoff.screening import features, history, model, notes
from handoff.screening.history import together
from handoff.screening.labels import Label
from handoff.screening.lexicon import FOLDER, Lexicon, load
from handoff.screening.training.sentences import Sentence
from handoff.screening.training.typing import typed
from handoff.verdict import ABUSE_CATEGORIES, RISK_CATEGORIES, Abuse, Risk, Turn

CATEGORIES = (*sorted(RISK_CATEGORIES), *sorted(ABUSE_CATEGORIES))
GROUPS = ABUSE_CATEGORIES - {"insult", "sexual", "threat"}
WAYS = 2  # at most, of a sentence with choices
BATCH = 2_000  # sentences that one process reads at a time
CORE, EVERY = "core.txt", 30  # the plainest sentences are learnt in every way they may be said
STRENGTH = 3.0  # of the regression: higher trusts single sentences more
ALARM = -1.0  # a part of a harmless message that scores higher than this is learnt from once more
SEEN_IN = 3  # sentences that a feature must stand in; what stands in fewer tells of them alone
NOT_CHOSEN = np.empty(0, dtype=np.int64)
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
    """One way of saying and typing a sentence."""

    label: Label
    weight: float
    as_written: bool  # not another way of saying or typing it


@dataclass(frozen=True, slots=True)
class Examples:
    """Taken apart: a row for each part of each example that is looked at, the message as a whole or its start first."""

    of: list[Example]
    starts: list[int]  # the first row of each example
    rows: list[int]  # the example of each row
    parts: list[bool]  # whether a row may be learnt from as a part
    words: csr_matrix  # how often each feature is there; last, how many there are that are not learnt
    known: npt.NDArray[np.int64]  # the feature of each column of `words` but the last; of a batch, not chosen yet
    notes: list[frozenset[str]]


_lexicon = cache(load)  # once in each process


def examples(sentences: Sequence[Sentence]) -> Examples:
    """Every sentence as written, in some of the ways it may be said, and once as somebody else would type it."""
    batches = [sentences[at : at + BATCH] for at in range(0, len(sentences), BATCH)]
    with ProcessPoolExecutor() as processes:
        made = list(processes.map(_examples, batches))
    of, starts, rows = list[Example](), list[int](), list[int]()
    for batch in made:
        starts += [len(rows) + start for start in batch.starts]
        rows += [len(of) + example for example in batch.rows]
        of += batch.of
    parts = [part for batch in made for part in batch.parts]
    notes = [noted for batch in made for noted in batch.notes]
    words = csr_matrix(vstack([batch.words for batch in made]))
    written = words[[start for start, one in zip(starts, of, strict=True) if one.as_written]]
    known = np.flatnonzero(np.bincount(written.indices, minlength=features.WIDTH) >= SEEN_IN)
    learnt = words[:, known]
    other = csr_matrix(words.sum(axis=1) - learnt.sum(axis=1))
    return Examples(of, starts, rows, parts, csr_matrix(hstack([learnt, other])), known, notes)


def _examples(sentences: Sequence[Sentence]) -> Examples:
    lexicon = _lexicon()
    of, starts, rows = list[Example](), list[int](), list[int]()
    parts, words, noted = list[bool](), list[list[int]](), list[frozenset[str]]()
    for sentence in sentences:
        chance = random.Random(sentence.text)  # noqa: S311 - the same every time
        core = sentence.place.startswith(CORE)
        spoken = sentence.spoken(EVERY if core else WAYS)
        weight = 1.0 if core else 1.0 / (len(spoken) + 1) ** 0.5
        first, before = spoken[0]
        for at, (text, turns) in enumerate([*spoken, (typed(first, chance), before)]):
            if (read := _read(text, turns, sentence.label, lexicon)) is None:
                continue
            reading, where = read
            starts.append(len(rows))
            for start, end in where:
                rows.append(len(of))
                parts.append(len(where) > 1 and (start, end) != (0, len(reading.features)))
                words.append([number for found in reading.features[start:end] for number in found])
                noted.append(frozenset(name for place, name in reading.notes if start <= place < end))
            of.append(Example(sentence.label, weight, at == 0))
    return Examples(of, starts, rows, parts, _table(words, features.WIDTH), NOT_CHOSEN, noted)


def _read(
    text: str, turns: Sequence[Turn], label: Label, lexicon: Lexicon
) -> tuple[model.Reading, list[tuple[int, int]]] | None:
    """What stands in a message, and from where to where its parts go."""
    if turns:
        document = together(turns, text, lexicon)
        if document is None:
            return None
        return model.read(document, [], lexicon.alike), [(0, len(document.words))]
    document = documents.read(text, lexicon.words)
    noted = notes.of(document, lexicon, label.service or "survivors")
    return model.read(document, noted, lexicon.alike), model.parts(document)


def _table(rows: Iterable[Iterable[int]], width: int) -> csr_matrix:
    """How often each number is there, one row each."""
    starts, columns, values = [0], list[int](), list[int]()
    for numbers in rows:
        counts = Counter(numbers)
        columns += counts.keys()
        values += counts.values()
        starts.append(len(columns))
    return csr_matrix((np.array(values, dtype=np.int32), columns, starts), shape=(len(starts) - 1, width))


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learnt, before it is rounded: `Model` says what the parts are."""

    weights: npt.NDArray[np.float64]  # of the words' features, of those not learnt (none), then of the notes
    bias: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scales:
    """What rows are weighed by."""

    rarity: npt.NDArray[np.int64]  # of each feature, and last of what is not known
    notes: Mapping[str, int]  # name → its place among the notes

    def weigh(self, made: Examples, rows: Sequence[int]) -> csr_matrix:
        """Rows as `Model.score` weighs them."""
        words = made.words[rows]
        rare = diags(np.append(self.rarity[:-1] ** 0.5, 0))
        length = np.maximum(model.QUIETEST, np.asarray(words @ self.rarity).ravel()) ** 0.5
        there = _table(([self.notes[name] for name in made.notes[row]] for row in rows), len(self.notes))
        return csr_matrix(hstack([diags(model.LOUDNESS / length) @ words @ rare, model.NOTE * there]))


def _rarity(words: csr_matrix) -> npt.NDArray[np.int64]:
    """The square of each feature's inverse document frequency, as a byte; last, of one that is nowhere."""
    there = np.append(np.asarray((words[:, :-1] > 0).sum(axis=0)).ravel(), 0)
    squares: npt.NDArray[np.int64] = np.rint(np.log((1 + words.shape[0]) / (1 + there)) ** 2).astype(np.int64)
    return np.minimum(255, squares)


def fit(made: Examples) -> model.Model:
    """A model of these examples: learnt from whole messages, then again with what the first one got wrong in parts."""
    noted = {name: at for at, name in enumerate(sorted(frozenset[str]().union(*made.notes)))}
    scales = Scales(_rarity(made.words[made.starts]), noted)
    wholes = [(row, made.of[at].weight) for at, row in enumerate(made.starts)]
    as_written = [(row, weight) for (row, weight), one in zip(wholes, made.of, strict=True) if one.as_written]
    first = _fit(made, as_written, scales, exactly=1.0)
    again = _parts(first, made, scales)
    return _rounded(_fit(made, wholes + again, scales, exactly=0.5), made.known, scales, _kinds(made))


def _fit(made: Examples, rows: list[tuple[int, float]], scales: Scales, exactly: float) -> Fitted:
    """Learn from rows, each with its weight."""
    places, weights = [row for row, _ in rows], np.array([weight for _, weight in rows])
    wanted = np.array([answers(made.of[made.rows[row]].label) for row in places])
    table = scales.weigh(made, places)
    learnt = _learn(table, wanted, exactly, sample_weight=weights / weights.mean())
    bias = np.array([float(one.intercept_[0]) for one in learnt])
    return Fitted(np.stack([one.coef_[0] for one in learnt], axis=1), bias)


def _parts(fitted: Fitted, made: Examples, scales: Scales) -> list[tuple[int, float]]:
    """Parts to learn from as well: of harmless messages those that alarm, of others the one that tells most."""
    rows = [row for row, part in enumerate(made.parts) if part]
    scores = scales.weigh(made, rows) @ fitted.weights + fitted.bias
    alarming: list[tuple[int, float]] = []
    best: dict[int, tuple[float, int]] = {}
    for row, score in zip(rows, scores, strict=True):
        example = made.of[made.rows[row]]
        told = answers(example.label)
        if any(told):
            best[made.rows[row]] = max(best.get(made.rows[row], (-np.inf, 0)), (float(score[told].max()), row))
        elif score.max() > ALARM:
            alarming.append((row, example.weight / 2))
    return alarming + [(row, made.of[at].weight / 2) for at, (_, row) in best.items()]


def _learn(
    table: csr_matrix, wanted: npt.NDArray[np.bool_], exactly: float, **more: npt.NDArray[np.float64]
) -> list[LogisticRegression]:
    """One for each column, each in a process of its own: liblinear's chance is the same every time only there."""
    table.sum_duplicates()  # here, where it may be changed
    one = LogisticRegression(C=STRENGTH, dual=True, solver="liblinear", tol=exactly, max_iter=200, random_state=0)
    learnt = MultiOutputClassifier(one, n_jobs=-1).fit(table, wanted, **more).estimators_
    return list(learnt)


def _kinds(made: Examples) -> npt.NDArray[np.float64]:
    """What kind of risk or abuse it is, asked only when there is some: learnt from what has one, by itself."""
    named = [at for at, one in enumerate(made.of) if one.as_written and one.label.categories]
    labels = [made.of[at].label for at in named]
    edges = made.words.indptr[[*made.starts, len(made.rows)]]
    there = (made.words.indices[edges[at] : edges[at + 1]] for at in named)
    found = (made.known[columns[columns < len(made.known)]] for columns in there)
    words = _table((set((numbers % KINDS_WIDTH).tolist()) for numbers in found), KINDS_WIDTH)
    table = csr_matrix(diags(1 / np.maximum(1, np.asarray(words.sum(axis=1)).ravel()) ** 0.5) @ words)

    kinds = np.zeros((KINDS_WIDTH, len(CATEGORIES)))
    for family in (RISK_CATEGORIES, ABUSE_CATEGORIES):
        among = np.array([bool(label.categories & family) for label in labels])
        columns = [at for at, category in enumerate(CATEGORIES) if category in family]
        it = np.array([[CATEGORIES[at] in label.categories for at in columns] for label in labels])
        kinds[:, columns] = np.stack([one.coef_[0] for one in _learn(table[among], it[among], 0.5)], axis=1)
    return kinds


def _rounded(
    fitted: Fitted, known: npt.NDArray[np.int64], scales: Scales, kinds: npt.NDArray[np.float64]
) -> model.Model:
    total = len(known)
    words = fitted.weights[:total] * (scales.rarity[:-1] ** 0.5)[:, None]
    weights = np.concatenate([words, fitted.weights[total + 1 :]])
    scale = np.abs(weights).max(axis=0) / 127
    kinds_scale = float(np.abs(kinds).max()) / 127
    meta: dict[str, Any] = {
        "heads": list(model.HEADS),
        "categories": list(CATEGORIES),
        "notes": list(scales.notes),
    }
    small = np.rint(weights / scale).astype(np.int8)
    rough = np.rint(kinds / kinds_scale).astype(np.int8)
    bits = np.zeros(features.WIDTH, dtype=np.uint8)
    bits[known] = 1
    rarity = scales.rarity.astype(np.uint8)
    return model.Model(
        np.packbits(bits, bitorder="little"), small, scale, np.round(fitted.bias, 6), rarity, rough, meta
    )


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
    return fingerprint([*code, *here.glob("*.py"), *(here / "sentences").rglob("*.txt"), *FOLDER.glob("*.yml")])


def write(made: model.Model, path: Path) -> None:
    """Put a model in place, whole or not at all."""
    beside = path.with_suffix(".new.npz")
    arrays = {name: getattr(made, name) for name in model.ARRAYS}
    np.savez_compressed(beside, meta=json.dumps(made.meta), allow_pickle=False, **arrays)
    beside.replace(path)
