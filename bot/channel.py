"""The turn: one question from handoff, answered whole or not at all.

    POST /webhooks/frontdoor/turn    Authorization: Bearer <shared secret>
    GET  /webhooks/frontdoor/        200 once a model is loaded, 503 before

Rasa keeps nothing. Each turn makes a fresh sender, seeds the slots with the facts, handles one message, compares the
receipts of the custom actions with those executed, and drops the tracker in `finally`. A turn that fails in any way is
a 502: handoff then carries on with cards and a person (promise 7). No answer and no log ever repeats the words.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.events import SlotSet
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import answer, pieces, redaction
from bot.protocol import BotFailed, Malformed, Turn, parse
from bot.tracker_store import only_store

logger = logging.getLogger("frontdoor.turn")

LIMIT_S = 4.0  # handoff waits no longer (promise 7), so neither do we
WORD_JOINER = "\u2060"


class FrontdoorChannel(InputChannel):
    """The only way in. `secret` comes from the environment through credentials.yml; without one nothing starts."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        redaction.install()

    @classmethod
    def name(cls) -> str:
        return "frontdoor"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        secret = str((credentials or {}).get("secret") or "")
        if not secret or "${" in secret:
            raise RasaException(
                "credentials.yml: bot.channel.FrontdoorChannel needs a secret. "
                "Set FRONTDOOR_BOT_SECRET to the same words for the bot and for handoff."
            )
        return cls(secret)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("frontdoor_turn")

        @blueprint.get("/")
        async def ready(request: Request) -> HTTPResponse:
            agent = _agent(request.app)
            if agent is None:
                return response.json({"status": "starting"}, status=503)
            return response.json({"status": "ok"})

        @blueprint.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            with redaction.answering():
                return await self._respond(request)

        return blueprint

    async def _respond(self, request: Request) -> HTTPResponse:
        if not self._admits(request.headers.get("authorization", "")):
            return _error(401, "secret", "the shared secret is missing or wrong")
        try:
            asked = parse(_json(request))
        except Malformed as error:
            return _error(400, "malformed", str(error))
        try:
            agent = _agent(request.app)
            if agent is None:
                raise BotFailed("no_model")
            return response.json(await asyncio.wait_for(answer_turn(agent, asked), LIMIT_S))
        except BotFailed as error:
            kind = error.kind
        except TimeoutError:
            kind = "too_slow"
        except Exception as error:  # whatever it was, handoff must hear of it and the log must not quote it
            logger.error("turn failed: %s", redaction.describe(error))
            kind = "error"
        logger.warning("turn not answered: %s", kind)
        return _error(502, kind, "the bot could not answer this turn")

    def _admits(self, header: str) -> bool:
        scheme, _, given = header.partition(" ")
        same = hmac.compare_digest(given.strip().encode(), self._secret.encode())
        return scheme.lower() == "bearer" and same


async def answer_turn(agent: Agent, asked: Turn) -> dict[str, Any]:
    """The answer to one turn as JSON (handoff.turn.TurnAnswer), or `BotFailed`."""
    processor = agent.processor
    store = only_store(processor) if processor is not None else None
    if processor is None or store is None:
        raise BotFailed("tracker_store")  # any other store would keep words after the turn
    sender = uuid.uuid4().hex
    out = CollectingOutputChannel()
    try:
        tracker = await processor.fetch_tracker_with_initial_session(sender, out)
        for name, value in asked.facts.items():
            tracker.update(SlotSet(name, value), processor.domain)
        await store.save(tracker)
        text, card = never_an_intent(asked.text), {"card": asked.facts["card"]}
        message = UserMessage(text, out, sender, input_channel="frontdoor", metadata=card)
        # The second net looks at every sentence: one of them may be the one that matters.
        message.parse_data = await pieces.understand(processor, message, tracker)
        await processor.handle_message(message)
        done = await store.retrieve(sender)
        if done is None:
            raise BotFailed("tracker_lost")
        return answer.read(asked.turn, done, processor.domain)
    finally:
        store.drop(sender)


def never_an_intent(text: str) -> str:
    """Rasa strips text and then takes a leading `/` for an intent. Put something in front that isn't a space."""
    return WORD_JOINER + text if text.strip().startswith("/") else text


def _agent(app: Sanic) -> Agent | None:
    agent: Agent | None = getattr(app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None


def _json(request: Request) -> Any:
    try:
        return request.json
    except Exception:  # Sanic's error would show the body
        raise Malformed("the request: must be JSON") from None


def _error(status: int, kind: str, words: str) -> HTTPResponse:
    return response.json({"error": kind, "message": words}, status=status)
