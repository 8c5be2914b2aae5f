"""Phrases the model has never seen, through a served Rasa and its actions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

sys.path.insert(0, str(Path(__file__).parent))
from phrases import ANSWERS, NEVER_NO, QUESTIONS, RISK

ROOT = Path(__file__).parents[2]
ROWS = ANSWERS + RISK + QUESTIONS


@pytest.mark.parametrize(("card", "text", "expected"), ROWS, ids=[f"{card}: {text[:60]}" for card, text, _ in ROWS])
def test_it_is_understood(served: Any, card: str | None, text: str, expected: list[str]) -> None:
    assert sorted(served.said(text, card=card)) == sorted(expected)


@pytest.mark.parametrize("text", NEVER_NO)
def test_what_is_not_a_no_never_becomes_one(served: Any, text: str) -> None:
    assert "choose danger no" not in served.said(text, card="danger")


def test_none_of_these_phrases_was_trained_on() -> None:
    trained = set()
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in YAML(typ="safe").load(path)["nlu"]:
            if "intent" in block:
                trained |= {line.removeprefix("- ").strip().lower() for line in block["examples"].splitlines()}
    # Too short to be said in another way.
    short = {"nope", "yeah", "next please", "rather not say", "yes still here", "yh hes here", "i want to die",
             "can u see where i am"}  # fmt: skip
    seen = [text for _, text, _ in ROWS if text.lower() in trained and text.lower() not in short]
    assert seen == []
