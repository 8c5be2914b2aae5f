"""Reads the answer out of a finished turn, and refuses a half one.

If an action fails, Rasa says what came before it and lists the action as executed. So every custom action leaves a
receipt with its commands, and here receipts are held against the actions executed.
"""

from __future__ import annotations

from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.protocol import VERSION, BotFailed


def read(turn: str, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    """Replies and commands after the last words of the person; `BotFailed` if anything is missing."""
    events = _after_the_words(list(tracker.events))
    executed = [e.action_name for e in events if isinstance(e, ActionExecuted)]
    if any(isinstance(e, ActionExecutionRejected) for e in events):
        raise BotFailed("action_rejected")
    if not executed or executed[-1] != ACTION_LISTEN_NAME:
        raise BotFailed("not_listening")

    replies: list[dict[str, Any]] = []
    receipts: list[str] = []
    commands: list[dict[str, Any]] = []
    for uttered in (e for e in events if isinstance(e, BotUttered)):
        custom = uttered.data.get("custom")
        if isinstance(custom, dict) and "receipt" in custom:
            receipts.append(custom["receipt"])
            commands.extend(custom["commands"])
        elif uttered.text:
            replies.append({"name": uttered.metadata.get("utter_action", ""), "text": uttered.text})

    custom_actions = set(domain.user_actions) - set(domain.responses)
    if receipts != [name for name in executed if name in custom_actions]:
        raise BotFailed("receipts")  # an action failed, or did what it wasn't asked
    if [r["name"] for r in replies] != [name for name in executed if name in domain.responses]:
        raise BotFailed("replies")  # a response has no words for these facts
    if not replies and not commands:
        raise BotFailed("empty")
    return {"v": VERSION, "turn": turn, "replies": replies, "commands": commands}


def _after_the_words(events: list[Event]) -> list[Event]:
    for index in range(len(events) - 1, -1, -1):
        if isinstance(events[index], UserUttered):
            return events[index + 1 :]
    raise BotFailed("not_heard")
