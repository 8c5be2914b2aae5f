"""The second net, part one: understand the whole text, and each sentence of it.

A turn holds all pending messages, and people put the thing that matters in the middle of other things. If any piece
says that somebody is at risk, that piece is what the turn is about. This only ever raises risk.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.trackers import DialogueStateTracker

from bot.risk_intents import RISK_INTENTS

MOST_PIECES = 24
# "i miss my brother and i want to die": the first half must not drown the second.
_NEW_SUBJECT = r"(?=(?:i|im|i'?m|ive|i'?ve|he|hes|he'?s|she|shes|she'?s|they|theyre|theres|someone|somebody)\s)"
_BREAK = re.compile(
    r"\n+|[.!?;]+\s+|,\s+(?=but\b)|\s+(?=but\s)|\s+(?=cos\s|because\s)"
    rf"|,?\s+and\s+{_NEW_SUBJECT}|,\s+{_NEW_SUBJECT}",
    re.IGNORECASE,
)
# "no no please no hes coming up": what stands before must not drown what follows. Not "no one is in danger".
_FIRST = re.compile(
    r"^(?:(?:no|nah|nope|yes|yeah|yh|ok|okay|please|help|omg)[\s,.!]+)+"
    r"(?=(?:he|she|they|it|im|i|ive|my|someone|there|the|we)(?:'?(?:s|m|re|ve))?\s)",
    re.IGNORECASE,
)


def split(text: str) -> list[str]:
    """Lines and sentences, what follows a "but", an "and i" or a first "no"; none if there is only one piece."""
    parts: list[str] = []
    for part in (part.strip() for part in _BREAK.split(text) if part and part.strip()):
        parts.append(part)
        rest = _FIRST.sub("", part)
        if rest != part:
            parts.append(rest)
    return parts if len(parts) > 1 else []


async def understand(
    processor: MessageProcessor, message: UserMessage, tracker: DialogueStateTracker
) -> dict[str, Any]:
    """What the NLU makes of the message, or of its most worrying piece."""
    whole: dict[str, Any] = await processor.parse_message(message, tracker)
    if whole["intent"]["name"] in RISK_INTENTS:
        return whole
    worst: tuple[int, float, dict[str, Any]] | None = None
    parts = split(message.text or "")
    # Too long to read every piece: the newest words matter most; handoff's own screening has read them all.
    for part in parts[-MOST_PIECES:]:
        parsed = await processor.parse_message(UserMessage(_plain(part), message.output_channel), tracker)
        intent = parsed["intent"]
        if intent["name"] in RISK_INTENTS:
            found = (RISK_INTENTS[intent["name"]], float(intent["confidence"]), parsed)
            if worst is None or found[:2] > worst[:2]:
                worst = found
    if worst is None:
        return whole
    return {**whole, "intent": worst[2]["intent"]}


def _plain(text: str) -> str:
    return "\u2060" + text if text.startswith("/") else text
