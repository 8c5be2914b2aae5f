"""Rules, actions, domain and the second net say the same things."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from actions.facts import ANSWERS, NEED_INTENTS
from actions.risk import RISKS
from actions.signposting import TOPICS
from bot.risk_intents import RISK_INTENTS

ROOT = Path(__file__).parents[2]
LEVELS = {"immediate": 2, "concern": 1}


def load(path: str) -> Any:
    return YAML(typ="safe").load(ROOT / path)


def rules() -> Iterator[tuple[str | None, set[str], list[str]]]:
    """(card, intents, actions) of every rule."""
    for path in sorted((ROOT / "data" / "rules").glob("*.yml")):
        for rule in YAML(typ="safe").load(path)["rules"]:
            slots = [s for c in rule.get("condition", []) for s in c["slot_was_set"]]
            card = next((s["card"] for s in slots if "card" in s), None)
            first = rule["steps"][0]
            intents = {s["intent"] for s in first.get("or", [first])}
            yield card, intents, [s["action"] for s in rule["steps"][1:]]


def test_every_answer_has_its_rule_and_every_rule_its_answer() -> None:
    ruled = {(card, i) for card, intents, do in rules() if card and "action_choose" in do for i in intents}
    answered = {(card, intent) for card, options in ANSWERS.items() for intent in options}
    answered |= {("need", intent) for intent in NEED_INTENTS}
    assert ruled == answered


def test_every_risk_is_raised_by_a_rule_without_a_condition() -> None:
    raised = {i for card, intents, do in rules() if card is None and "action_raise_risk" in do for i in intents}
    assert raised == set(RISKS) == set(RISK_INTENTS)
    assert {intent: LEVELS[level] for intent, (_, level) in RISKS.items()} == RISK_INTENTS


def test_on_the_danger_card_every_risk_is_raised_too() -> None:
    raised = {i for card, intents, do in rules() if card == "danger" and "action_raise_risk" in do for i in intents}
    assert raised == set(RISKS)


def test_no_risk_is_ever_an_answer_of_no() -> None:
    assert not {intent for intent, option in ANSWERS["danger"].items() if option == "no"} & set(RISKS)


def test_every_intent_has_a_rule_and_examples() -> None:
    intents = set(load("domain.yml")["intents"])
    ruled = {i for card, found, _ in rules() if card is None for i in found}
    blocks = [b for f in sorted((ROOT / "data/nlu").glob("*.yml")) for b in YAML(typ="safe").load(f)["nlu"]]
    examples = {b["intent"] for b in blocks if "intent" in b}
    assert intents == ruled
    assert intents - {"nlu_fallback"} == examples


def test_every_topic_has_a_rule() -> None:
    assert {i for _, intents, do in rules() if "action_signpost" in do for i in intents} == set(TOPICS)


def test_no_words_can_end_a_contact() -> None:
    assert "end" not in ANSWERS["offer_end"].values()
    assert not [a for a in load("domain.yml")["actions"] if a.startswith("action_end")]


def test_what_is_asked_about_somebody_else_has_one_text() -> None:
    """R4: one text in all services, by construction."""
    variations = load("domain.yml")["responses"]["utter_other_contact"]
    assert len(variations) == 1
    assert "condition" not in variations[0]
