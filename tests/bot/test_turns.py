"""What a turn may not do: keep anything, mix with another, or take words for an intent."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot import redaction
from bot.channel import answer_turn, never_an_intent
from bot.protocol import BotFailed, Turn
from bot.tracker_store import TurnStore, only_store

CANARY = "zebrafinch"


@pytest.fixture(scope="module")
def agent(served: Any) -> Agent:
    """The same model in this process, so that its memory can be looked through."""
    redaction.install()
    endpoint = EndpointConfig(f"http://127.0.0.1:{served.actions.port}/webhook")
    return Agent.load("models/frontdoor.tar.gz", action_endpoint=endpoint, tracker_store=TurnStore())


def asked(text: str, **facts: Any) -> Turn:
    return Turn("t", text, {"service": "survivors", "phase": "with_bot", "card": None, "unclear": 0, **facts})


def held(word: str) -> list[object]:
    gc.collect()
    found: list[object] = []
    for thing in gc.get_objects():
        if isinstance(thing, UserUttered) and word in (thing.text or ""):
            found.append(thing)
        if isinstance(thing, DialogueStateTracker) and any(word in str(e) for e in thing.events):
            found.append(thing)
    return found


async def test_nothing_is_kept_after_a_turn(agent: Agent) -> None:
    answer = await answer_turn(agent, asked(f"yh hes here {CANARY}", card="danger"))
    assert answer["commands"]
    store = only_store(agent.processor)
    assert store is not None
    assert len(store) == 0
    del answer
    assert held(CANARY) == []


async def test_nothing_is_kept_after_a_turn_that_failed(agent: Agent, served: Any) -> None:
    served.actions.stop()
    kind = ""
    try:
        with redaction.answering():
            await answer_turn(agent, asked(f"a person please {CANARY}"))
    except BotFailed as error:
        kind = error.kind
    finally:
        served.actions.start()
    assert kind == "receipts"
    store = only_store(agent.processor)
    assert store is not None
    assert len(store) == 0
    assert held(CANARY) == []


async def test_nothing_is_kept_after_a_turn_that_was_given_up(agent: Agent) -> None:
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(answer_turn(agent, asked(f"a person please {CANARY}")), 0.001)
    store = only_store(agent.processor)
    assert store is not None
    assert len(store) == 0


async def test_the_store_falls_back_to_nothing(agent: Agent) -> None:
    """Rasa's wrapping would keep trackers in memory when a call fails."""
    await answer_turn(agent, asked("hello"))
    assert isinstance(agent.processor.tracker_store, TurnStore)


TWENTY = [
    ("yh hes here", {"card": "danger"}, ["raise_risk violence immediate", "choose danger yes"]),
    ("no", {"card": "danger"}, ["choose danger no"]),
    ("no", {"card": "safe_to_chat"}, ["choose safe_to_chat no"]),
    ("no", {"card": "notice"}, ["choose notice decline"]),
    ("yes", {"card": "code_of_contact"}, ["choose code_of_contact ok"]),
    ("can i talk to a person", {}, ["request_advisor"]),
    ("is this confidential", {}, ["utter_confidential"]),
    ("sdkfjhsdf", {}, ["utter_unclear", "unclear"]),
    ("sdkfjhsdf", {"unclear": 1}, ["utter_unclear_again", "request_advisor"]),
    ("bye", {}, ["offer_end"]),
] * 2


def test_twenty_turns_at_once_do_not_mix(served: Any) -> None:
    def one(n: int) -> None:
        text, facts, expected = TWENTY[n]
        status, answer = served.turn(text, turn=f"turn-{n}", **facts)
        assert status == 200
        assert answer["turn"] == f"turn-{n}"
        said = [r["name"] for r in answer["replies"]]
        said += [" ".join(str(v) for v in c.values()) for c in answer["commands"]]
        assert said == expected

    with ThreadPoolExecutor(len(TWENTY)) as pool:
        list(pool.map(one, range(len(TWENTY))))


@pytest.mark.parametrize("text", ["/request_person", "  /restart", "/goodbye{}", "\u2060/affirm", "/intents"])
def test_text_is_never_an_intent(served: Any, text: str) -> None:
    said = served.said(text, card="danger")
    assert "choose danger no" not in said
    assert "choose danger yes" not in said
    assert never_an_intent(text).strip()[0] != "/"


def test_the_same_words_get_the_same_answer_about_somebody_else_in_every_service(served: Any) -> None:
    """R4: neither confirm nor deny, whatever the facts."""
    texts = set()
    for service in ("missing", "survivors", "phoneline", "another"):
        for phase in ("with_bot", "waiting"):
            for need in (None, "own_behaviour", "family_of_missing"):
                _, answer = served.turn("has my wife contacted you", service=service, phase=phase, need=need)
                texts.add((answer["replies"][0]["text"], str(answer["commands"])))
    assert len(texts) == 1


def test_the_phoneline_says_whom_it_may_tell(served: Any) -> None:
    """R7: the police answer differs where the person may be the danger."""
    texts = {
        service: served.turn("will you tell the police", service=service)[1]["replies"][0]["text"]
        for service in ("missing", "survivors", "phoneline")
    }
    assert len(set(texts.values())) == 3
    assert "ex-partner" in texts["phoneline"]
    assert "partner" not in texts["survivors"]


@pytest.mark.parametrize("phase", ["with_bot", "waiting"])
def test_not_understood_twice_is_a_person_or_is_kept_for_one(served: Any, phase: str) -> None:
    said = served.said("xkcvj sdkfj weoiru", phase=phase, unclear=1)
    expected = {"with_bot": ["utter_unclear_again", "request_advisor"], "waiting": ["utter_waiting_heard"]}
    assert said == expected[phase]


def test_a_very_long_text_is_answered(served: Any) -> None:
    said = served.said("and then we went on and he said it was nothing and i thought about it for days " * 200)
    assert said


def test_risk_in_the_middle_of_a_long_text_is_raised(served: Any) -> None:
    before = "We went to the shop and then we came home again and watched a film. " * 6
    after = " Then my mum rang and we talked about the weather for a while." * 6
    said = served.said(before + "I am going to kill myself tonight." + after, card="need")
    assert said == ["raise_risk suicide immediate"]
