"""What screening hears: what it was shown comes out as labelled; the blind part is measured and never learnt from."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from handoff.screening import shared
from handoff.screening.measure import said
from handoff.screening.training import sentences
from handoff.verdict import Risk, Turn, Verdict

BLIND = Path(__file__).parent / "blind"
SEEN = sentences.FOLDER / "seen.txt"
SERVICE = "survivors"


def _screen(text: str, history: tuple[Turn, ...] = (), service: str | None = None) -> Verdict:
    return shared().screen(text, service=service or SERVICE, history=history)


def test_what_it_was_written_for_comes_out_as_labelled() -> None:
    """The first sentences of all: from disclosures nobody may miss to swearing that nobody may be ended for."""
    wrong = [
        sentence.place
        for sentence in sentences.read([SEEN])
        if (verdict := _screen(sentence.text, service=sentence.label.service)).uncertain
        or (verdict.risk, verdict.abuse > 0) != (sentence.label.risk, sentence.label.abuse > 0)
    ]
    assert len(wrong) <= 25, wrong  # of 794: levels of risk next to each other, mostly


def test_the_plainest_ways_of_saying_it_are_heard_whatever_subtler_ones_are_learnt() -> None:
    """Once 'my ex broke in' went unheard among a hundred thousand subtler sentences."""
    spoken = [
        (sentence, text, turns)
        for sentence in sentences.read([sentences.FOLDER / "core.txt"])
        for text, turns in sentence.spoken(30)
    ]
    wrong, unheard = [], []
    for sentence, text, turns in spoken:
        verdict, right = _screen(text, turns, sentence.label.service), sentence.label
        if (verdict.risk, verdict.abuse > 0) != (right.risk, right.abuse > 0):
            wrong.append(text)
        if right.risk is Risk.IMMEDIATE and verdict.risk is not Risk.IMMEDIATE:
            unheard.append(text)
    assert len(spoken) > 3_000
    assert unheard == []
    assert len(wrong) <= len(spoken) / 100, wrong


@cache
def _blind(name: str) -> list[tuple[dict[str, Any], Verdict]]:
    rows = [json.loads(line) for line in (BLIND / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        (row, _screen(row["text"], tuple(Turn(**turn) for turn in row.get("history", ())), row.get("service")))
        for row in rows
    ]


def _share(name: str, question: str, which: Callable[[dict[str, Any]], bool]) -> float:
    answers = [said(verdict)[question] for row, verdict in _blind(name) if which(row)]
    return sum(answers) / len(answers)


@pytest.mark.parametrize(
    ("name", "question", "label", "value", "at_least"),
    [
        ("helpline", "immediate", "risk", "immediate", 0.97),
        ("helpline", "risk", "risk", "immediate", 0.97),
        ("helpline", "risk", "risk", "concern", 0.82),
        ("crisis", "immediate", "risk", "immediate", 0.90),
        ("abuse", "abuse", "abuse", "abusive", 0.87),
        ("abuse", "abuse", "abuse", "threatening", 0.85),
        ("bots", "abuse", "abuse", "abusive", 0.95),
        ("groups", "discriminatory", "abuse", "discriminatory", 0.87),
        ("earlier", "immediate", "risk", "immediate", 0.74),
        ("later", "immediate", "risk", "immediate", 0.90),
        ("later", "risk", "risk", "concern", 0.84),
    ],
)
def test_the_blind_part_is_heard_as_well_as_the_documentation_says(
    name: str, question: str, label: str, value: object, at_least: float
) -> None:
    assert _share(name, question, lambda row: row.get(label) == value) >= at_least


@pytest.mark.parametrize(
    ("name", "question", "at_most"),
    [
        ("helpline", "immediate", 0.052),
        ("helpline", "risk", 0.06),
        ("crisis", "immediate", 0.034),
        ("distress", "immediate", 0.01),
        ("distress", "risk", 0.045),
        ("idioms", "immediate", 0.046),
        ("service", "risk", 0.01),
        ("service", "abuse", 0.0),
        ("abuse", "abuse", 0.025),
        ("bots", "abuse", 0.06),
        ("later", "immediate", 0.02),
        ("later", "risk", 0.038),
        ("groups", "abuse", 0.10),
    ],
)
def test_the_blind_part_raises_no_more_false_alarms_than_the_documentation_says(
    name: str, question: str, at_most: float
) -> None:
    label = "risk" if question in {"immediate", "risk"} else "abuse"
    assert _share(name, question, lambda row: row.get(label) == "none") <= at_most


def test_nothing_that_is_measured_on_is_learnt_from() -> None:
    """Word for word, whatever its case and stops: what others had written too was taken out of the measured part."""
    learnt = {_plain(text) for sentence in sentences.all_of() for text, _ in sentence.spoken(5)}
    measured = [json.loads(line) for path in BLIND.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert len(measured) > 1_750
    both = [row["id"] for row in measured if _plain(row["text"]) in learnt]
    assert both == []


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum() or letter == " ").strip()


@pytest.mark.parametrize(
    ("names", "kinds", "most"),
    [(("helpline", "crisis"), "risk_categories", 0.85), (("groups",), "abuse_categories", 0.94)],
)
def test_what_is_heard_is_heard_under_the_right_kind(names: tuple[str, ...], kinds: str, most: float) -> None:
    heard = [
        bool(set(row[kinds]) & getattr(verdict, kinds))
        for name in names
        for row, verdict in _blind(name)
        if row.get(kinds) and getattr(verdict, kinds)
    ]
    assert len(heard) > 100
    assert sum(heard) / len(heard) >= most
