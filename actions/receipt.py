"""What every action shares: its commands and its receipt leave in one piece, so neither can arrive alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

Command = dict[str, Any]


class ReceiptAction(Action, ABC):
    """Subclasses give `action` (the name in domain.yml) and `commands`.

    Raising is right where there is nothing to ask for: no receipt, so the turn fails, and a person takes over.
    """

    action: str

    def name(self) -> str:
        return self.action

    @abstractmethod
    def commands(self, tracker: Tracker) -> list[Command]:
        """Commands of handoff/turn.py, in order. They never hold the person's words."""

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(json_message={"receipt": self.action, "commands": self.commands(tracker)})
        return []


def intent_of(tracker: Tracker) -> str:
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")
