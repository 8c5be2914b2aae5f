"""The bot may raise risk, never lower it: handoff's screening is the first net, this is the second."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.receipt import Command, ReceiptAction, intent_of

# intent → (category of handoff/verdict.py, level). Immediate: now or within hours, or intent, plan, means or attempt.
RISKS: dict[str, tuple[str, str]] = {
    "danger_now": ("violence", "immediate"),
    "abuser_near": ("violence", "immediate"),
    "someone_else_in_danger": ("adult_at_risk", "immediate"),
    "suicide_now": ("suicide", "immediate"),
    "medical_now": ("medical", "immediate"),
    "child_unsafe": ("child_at_risk", "immediate"),
    "about_to_hurt": ("threat_to_others", "immediate"),
    "missing_at_risk": ("missing_at_risk", "immediate"),
    "bomb": ("terrorism", "immediate"),
    "suicidal_thoughts": ("suicide", "concern"),
    "self_harm": ("self_harm", "concern"),
    "exploited": ("exploitation", "concern"),
    "not_safe": ("violence", "concern"),
}


class RaiseRisk(ReceiptAction):
    action = "action_raise_risk"

    def commands(self, tracker: Tracker) -> list[Command]:
        category, level = RISKS[intent_of(tracker)]
        card = tracker.get_slot("card")
        if card == "danger":
            level = "immediate"  # said in answer to "is anyone in danger right now?"
        elif card == "safe_to_chat" and intent_of(tracker) == "abuser_near":
            level = "concern"  # near enough to read along; the danger question comes next
        return [{"do": "raise_risk", "category": category, "level": level}]
