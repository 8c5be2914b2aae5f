"""The bot of the fault tests speaks the protocol as Rasa does (tests/bot/test_protocol.py): the same examples."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import httpx
from bot_double import BotDouble
from running import SECRET

from handoff.turn import TurnAnswer

EXAMPLES = json.loads((Path(__file__).parent / "turn" / "requests.json").read_text())
PATH = "/webhooks/frontdoor/"


async def test_it_takes_and_refuses_the_same_requests_and_answers_in_the_protocol() -> None:
    async with BotDouble().standing() as bot, httpx.AsyncClient(base_url=bot.url, trust_env=False) as client:
        assert (await client.get(PATH)).status_code == 200
        for example in EXAMPLES:
            request = copy.deepcopy(example["request"])
            if "text_length" in example:
                request["text"] = "x" * example["text_length"]
            answer = await client.post(PATH + "turn", json=request, headers={"authorization": f"Bearer {SECRET}"})
            assert answer.status_code == (200 if example["valid"] else 400), example["name"]
            if example["valid"]:
                assert TurnAnswer.model_validate_json(answer.content).turn == request["turn"]


async def test_it_refuses_a_wrong_secret() -> None:
    async with BotDouble().standing() as bot, httpx.AsyncClient(base_url=bot.url, trust_env=False) as client:
        for secret in ("wrong", "secret", SECRET + "x"):
            request = {"turn": "t", "text": "hi", "facts": {"service": "missing", "phase": "with_bot"}}
            answer = await client.post(PATH + "turn", json=request, headers={"authorization": f"Bearer {secret}"})
            assert (answer.status_code, answer.json()["error"]) == (401, "secret")
        assert not bot.asked
