"""The bot's client: one turn, one answer, within a limit; everything else is a `BotError`.

It keeps nothing. What a failure means is decided in `contact.py`: cards and a person. A line that breaks is tried once
more, within the same limit: another replica may answer, and a turn asked twice changes nothing. Only so many turns are
with the bot at once, and while it fails again and again none is asked (`breaker.py`).
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import httpx
from pydantic import ValidationError

from handoff.breaker import Breaker
from handoff.errors import BotError
from handoff.turn import Facts, TurnAnswer, TurnRequest

PATH = "/webhooks/frontdoor/turn"
MAX_ANSWER = 256 * 1024  # bytes
AT_ONCE = 16  # at 14 ms a turn the last of them waits a quarter of a second; beyond that they queue here, by age
WORD_JOINER = "\u2060"  # in front of "/…": words can never be read as an intent (promise 8)

# Nobody's words: the answer to a card, which goes through understanding and actions alike.
PROBE = TurnRequest(turn="probe", text="no", facts=Facts(service="survivors", phase="with_bot", card="danger"))


def as_words(text: str) -> str:
    """The person's words, safe to send: Rasa strips spaces and then reads a leading `/` as an intent."""
    return WORD_JOINER + text if text.strip().startswith("/") else text


class Bot:
    def __init__(
        self, address: str, secret: str, client: httpx.AsyncClient | None = None, breaker: Breaker | None = None
    ) -> None:
        self._url = address.rstrip("/") + PATH
        self._secret = secret
        self._client = client or httpx.AsyncClient(timeout=httpx.Timeout(10), trust_env=False, follow_redirects=False)
        self._breaker = breaker or Breaker()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._there = False  # the last turn, or the last look, was answered

    @property
    def here(self) -> bool:
        return self._there and not self._breaker.open

    @property
    def state(self) -> Literal["here", "away", "failing"]:
        """`failing`: it is there, and does not answer questions; none is asked until it answers ours."""
        return "away" if not self._there else "failing" if self._breaker.open else "here"

    async def ask(self, request: TurnRequest, *, within_s: float) -> TurnAnswer:
        """The bot's answer to one turn. Raises `BotError`, also when `within_s` has passed."""
        if self._breaker.open:
            raise BotError("resting")
        return await self._ask(request, within_s)

    async def probe(self, *, within_s: float = 4) -> bool:
        """Ask a question of our own, if it is time for one. True: it was answered, and people are heard again."""
        if not self._breaker.probe_is_due:
            return False
        try:
            await self._ask(PROBE, within_s)
        except BotError:
            return False
        return True

    async def _ask(self, request: TurnRequest, within_s: float) -> TurnAnswer:
        asked = False
        if within_s <= 0:  # it came too late to be asked, and that is nothing the bot did
            raise BotError("busy")
        try:
            async with asyncio.timeout(within_s):
                async with self._places:
                    asked = True
                    response = await self._post(request)
            answer = _read(response, request)
        except TimeoutError:
            if not asked:  # the bot has had no chance; those it is busy with speak for it
                raise BotError("busy") from None
            self._there = False
            self._breaker.failed()
            raise BotError("hang") from None
        except httpx.HTTPError:
            self._there = False
            self._breaker.failed()
            raise BotError("refused") from None
        except BotError:
            self._breaker.failed()
            raise
        self._there = True
        self._breaker.answered()
        return answer

    async def _post(self, request: TurnRequest) -> httpx.Response:
        headers = {"content-type": "application/json", "authorization": f"Bearer {self._secret}"}
        return await self._send("POST", self._url, content=request.model_dump_json(), headers=headers)

    async def _send(self, *what: str, **more: Any) -> httpx.Response:
        try:
            return await self._client.request(*what, **more)
        except (httpx.NetworkError, httpx.RemoteProtocolError):  # refused, or broken off before it answered
            return await self._client.request(*what, **more)

    async def look(self, *, within_s: float = 2) -> bool:
        """Whether the bot is there, without asking it anything."""
        try:
            async with asyncio.timeout(within_s):
                response = await self._send("GET", self._url.removesuffix("turn"))
            self._there = response.status_code == 200
        except (TimeoutError, httpx.HTTPError):
            self._there = False
        return self._there

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
