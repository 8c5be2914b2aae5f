"""Answers to the card on screen, and facts to keep. Handoff has the words; only ids travel."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.receipt import Command, ReceiptAction, intent_of

NEED_INTENTS: dict[str, str] = {
    f"need_{need}": need
    for need in (
        "missing_self",
        "family_of_missing",
        "sighting",
        "hurt_by_someone",
        "own_behaviour",
        "someone_else",
        "be_heard",
        "options",
        "leaving",
        "children",
        "professional",
        "something_else",
    )
}

# Told in passing, these don't spare anybody the question: they fit too much.
TOO_VAGUE = frozenset({"be_heard", "options", "something_else"})

# card → intent → option. The same words mean different things under different cards, so the card decides.
ANSWERS: dict[str, dict[str, str]] = {
    "safe_to_chat": {
        "affirm": "yes",
        "safe": "yes",
        "deny": "no",
        "not_safe": "no",
        "abuser_near": "no",
        "watched": "no",
        "cant_say": "no",  # somebody who can't talk isn't safe to chat
        "unsure": "unsure",
    },
    "danger": {
        "affirm": "yes",
        "not_safe": "yes",
        "abuser_near": "yes",
        "danger_now": "yes",
        "suicide_now": "yes",
        "suicidal_thoughts": "yes",
        "self_harm": "yes",
        "medical_now": "yes",
        "about_to_hurt": "yes",
        "bomb": "yes",
        "exploited": "yes",
        "missing_at_risk": "someone_else",
        "child_unsafe": "someone_else",
        "someone_else_in_danger": "someone_else",
        "deny": "no",
        "safe": "no",
        "unsure": "unsure",
        "need_hurt_by_someone": "unsure",  # "he hits me" is not a no: a concern, and a person is offered
        "watched": "cant_say",
        "cant_say": "cant_say",
    },
    "code_of_contact": {
        "affirm": "ok",
        "say_ok": "ok",
        "thanks": "ok",
        "safe": "ok",
        "deny": "decline",
        "disagree": "decline",
    },
    "age": {"say_under_18": "under_18", "say_over_18": "over_18"},
    "name": {"deny": "none"},
    "language": {"language_english": "english"},
    "notice": {
        "affirm": "acknowledge",
        "say_ok": "acknowledge",
        "thanks": "acknowledge",
        "safe": "acknowledge",
        "deny": "decline",
        "disagree": "decline",
    },
    "safety_options": {"affirm": "carry_on", "say_ok": "carry_on", "skip": "carry_on", "safe": "carry_on"},
    "still_there": {
        "affirm": "yes",
        "say_ok": "yes",
        "greet": "yes",
        "safe": "yes",
        "deny": "yes",  # whatever is said, it was typed: they are there
        "unsure": "yes",
        "cant_say": "yes",
        "nlu_fallback": "yes",
        "gibberish": "yes",
    },
    # Only the person's own press ends a contact, so words never choose "end" (promise 12).
    "offer_end": {"deny": "stay"},
}


class Choose(ReceiptAction):
    """The words answer the card on screen."""

    action = "action_choose"

    def commands(self, tracker: Tracker) -> list[Command]:
        card, intent = tracker.get_slot("card"), intent_of(tracker)
        if card == "need":
            return [{"do": "choose", "card": "need", "option": NEED_INTENTS[intent]}]
        # A KeyError here is a rule without an answer: no receipt, and a person takes over.
        return [{"do": "choose", "card": card, "option": ANSWERS[card][intent]}]


class CarryOn(ReceiptAction):
    """Every card can be skipped (M2)."""

    action = "action_carry_on"

    def commands(self, tracker: Tracker) -> list[Command]:
        return [{"do": "carry_on"}]


class RecordNeed(ReceiptAction):
    """M7: the need goes on in the person's own words. One told before it is asked for need not be told again."""

    action = "action_record_need"

    def commands(self, tracker: Tracker) -> list[Command]:
        kept: list[Command] = [{"do": "record_fact", "name": "need"}]
        need = NEED_INTENTS.get(intent_of(tracker))
        plain = need is not None and need not in TOO_VAGUE
        if plain and tracker.get_slot("card") != "need" and not tracker.get_slot("need"):
            kept.append({"do": "choose", "card": "need", "option": need})
        return kept


class RecordName(ReceiptAction):
    action = "action_record_name"

    def commands(self, tracker: Tracker) -> list[Command]:
        return [{"do": "record_fact", "name": "name"}]


class RecordLanguage(ReceiptAction):
    action = "action_record_language"

    def commands(self, tracker: Tracker) -> list[Command]:
        return [{"do": "record_fact", "name": "language"}]


class RecordAccess(ReceiptAction):
    """M13: what somebody says they need so that they can use this."""

    action = "action_record_access"

    def commands(self, tracker: Tracker) -> list[Command]:
        return [{"do": "record_fact", "name": "access"}]


class RecordUnder18(ReceiptAction):
    action = "action_record_under_18"

    def commands(self, tracker: Tracker) -> list[Command]:
        return [{"do": "record_fact", "name": "under_18"}]
