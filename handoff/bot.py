"""The bot's client: one turn, one answer, within a limit; everything else is a `BotError`.

It never retries by itself and keeps nothing. What a failure means is decided in `contact.py`: cards and a person.
"""

from __future__ import annotations

import asyncio

import httpx
from pydantic import ValidationError

from handoff.errors import BotError
from handoff.turn import TurnAnswer, TurnRequest

PATH = "/webhooks/frontdoor/turn"
MAX_ANSWER = 256 * 1024  # bytes
WORD_JOINER = "\u2060"  # in front of "/…": words can never be read as an intent (promise 8)


def as_words(text: str) -> str:
    """The person's words, safe to send: Rasa strips spaces and then reads a leading `/` as an intent."""
    return WORD_JOINER + text if text.strip().startswith("/") else text


class Bot:
    def __init__(self, address: str, secret: str, client: httpx.AsyncClient | None = None) -> None:
        self._url = address.rstrip("/") + PATH
        self._secret = secret
        self._client = client or httpx.AsyncClient(timeout=httpx.Timeout(10), trust_env=False, follow_redirects=False)
        self.here = False  # the last turn, or the last look, was answered

    async def ask(self, request: TurnRequest, *, within_s: float) -> TurnAnswer:
        """The bot's answer to one turn. Raises `BotError`, also when `within_s` has passed."""
        try:
            async with asyncio.timeout(max(within_s, 0)):
                response = await self._client.post(
                    self._url,
                    content=request.model_dump_json(),
                    headers={"content-type": "application/json", "authorization": f"Bearer {self._secret}"},
                )
        except TimeoutError:
            self.here = False
            raise BotError("hang") from None
        except httpx.HTTPError:
            self.here = False
            raise BotError("refused") from None
        answer = _read(response, request)
        self.here = True
        return answer

    async def look(self, *, within_s: float = 2) -> bool:
        """Whether the bot is there, without asking it anything."""
        try:
            async with asyncio.timeout(within_s):
                response = await self._client.get(self._url.removesuffix("turn"))
            self.here = response.status_code == 200
        except (TimeoutError, httpx.HTTPError):
            self.here = False
        return self.here

    async def close(self) -> None:
        await self._client.aclose()


def _read(response: httpx.Response, request: TurnRequest) -> TurnAnswer:
    if response.status_code != 200:
        raise BotError("status")
    if len(response.content) > MAX_ANSWER:
        raise BotError("garbage")
    try:
        answer = TurnAnswer.model_validate_json(response.content)
    except ValidationError as error:
        unknown = any(problem["type"] == "union_tag_invalid" for problem in error.errors(include_input=False))
        raise BotError("unknown_command" if unknown else "garbage") from None
    if answer.turn != request.turn:
        raise BotError("garbage")
    if not answer.replies and not answer.commands:
        raise BotError("empty")
    return answer
