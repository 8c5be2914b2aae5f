"""Other help, from the service's directory. The bot names a topic and never types a number itself."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.receipt import Command, ReceiptAction, intent_of

TOPICS: dict[str, str] = {
    "ask_refuge": "domestic_abuse",
    "ask_police_number": "police",
    "ask_suicide_help": "suicide",
    "ask_child_help": "children",
    "ask_missing_help": "missing",
    "ask_other_help": "other_help",
}


class Signpost(ReceiptAction):
    action = "action_signpost"

    def commands(self, tracker: Tracker) -> list[Command]:
        return [{"do": "signpost", "topic": TOPICS[intent_of(tracker)]}]
