"""Phrases the model has never seen, through a served Rasa and its actions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

sys.path.insert(0, str(Path(__file__).parent))
from phrases import ANSWERS, NEVER_NO, NO_AGE, NO_RISK, QUESTIONS, RISK

ROOT = Path(__file__).parents[2]
ROWS = ANSWERS + RISK + QUESTIONS


@pytest.mark.parametrize(("card", "text", "expected"), ROWS, ids=[f"{card}: {text[:60]}" for card, text, _ in ROWS])
def test_it_is_understood(served: Any, card: str | None, text: str, expected: list[str]) -> None:
    assert sorted(served.said(text, card=card)) == sorted(expected)


@pytest.mark.parametrize("text", NEVER_NO)
def test_what_is_not_a_no_never_becomes_one(served: Any, text: str) -> None:
    assert "choose danger no" not in served.said(text, card="danger")


@pytest.mark.parametrize("card", [None, "need"])
@pytest.mark.parametrize("text", NO_RISK)
def test_ordinary_words_about_a_family_raise_no_risk(served: Any, text: str, card: str | None) -> None:
    assert not [said for said in served.said(text, card=card) if said.startswith("raise_risk")]


@pytest.mark.parametrize("card", [None, "need", "age"])
@pytest.mark.parametrize("text", NO_AGE)
def test_a_number_that_is_no_age_is_never_under_18(served: Any, text: str, card: str | None) -> None:
    assert not [said for said in served.said(text, card=card) if "under_18" in said]


@pytest.mark.parametrize("card", [None, "safe_to_chat", "danger", "need"])
def test_a_number_alone_is_no_age_where_none_was_asked(served: Any, card: str | None) -> None:
    assert not [said for said in served.said("15", card=card) if "under_18" in said]


def test_none_of_these_phrases_was_trained_on() -> None:
    trained = set()
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in YAML(typ="safe").load(path)["nlu"]:
            if "intent" in block:
                trained |= {line.removeprefix("- ").strip().lower() for line in block["examples"].splitlines()}
    # Too short to be said in another way.
    short = {"nope", "yeah", "next please", "rather not say", "yes still here", "yh hes here", "i want to die",
             "can u see where i am", "ok", "ok thanks", "fine", "no", "15", "16f"}  # fmt: skip
    seen = [text for _, text, _ in ROWS if text.lower() in trained and text.lower() not in short]
    assert seen == []
