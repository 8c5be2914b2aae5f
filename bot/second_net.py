"""The second net, part two: a step of the NLU pipeline that leans towards safety.

It runs after the fallback step and changes an intent in five cases only:
 - no intent is likely enough, yet the risk intents *together* are: the likeliest of them is taken;
 - an answer that could lower a worry ("no", "I'm safe") is not sure or plain enough, or risk is likely beside it: it is
   not understood, and so it is asked again;
 - an age was taken from a number that is no age ("bus 12", or "15" when no age was asked): bot.ages; it is not
   understood, or it is a risk beside it;
 - "ok" and its like are so short that they resemble anything: they are what they are;
 - a long text was not understood: it is somebody telling what happened, which is no failure of theirs.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.training_data.message import Message

from bot.ages import says_an_age
from bot.risk_intents import RISK_INTENTS

FALLBACK = "nlu_fallback"

# "my brother isnt safe", "not alone", "dont no" share almost every letter with what lowers a worry.
_NOT_LOWERING = (
    r"\b(not|isn'?t|aren'?t|ain'?t|wasn'?t|don'?t feel|doesn'?t feel|never|nor)\s+"
    r"((really|very|that|so|all|at all|100%?)\s+)?(safe|ok|okay|alright|alone|private|sure|certain|fine)\b"
    r"|\bno privacy\b|\bunsafe\b|\bdon'?t (no|know)\b|\bno idea\b|\bbut\b|\buntil\b"
    r"|\b(not|nothing|here|back|home) yet\b"
)

_OK = frozenset({"ok", "okay", "k", "kk", "okey", "okie", "ok then", "oh ok"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SecondNet(GraphComponent, IntentClassifier):
    """See the module. Thresholds were set by judgement, and the phrases in tests/bot/phrases.py hold them."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "together": 0.5,  # risk intents' summed probability that counts as a risk
            "sure": 0.5,  # what a lowering answer must reach
            "beside": 0.2,  # summed risk beside a lowering answer that makes it not understood
            "lowering": ["deny", "safe"],
            "short": 12,  # words; what is longer than this is more than a "no"
            "not_lowering": _NOT_LOWERING,  # words that turn "safe" or "know" round
            "ages": ["say_under_18", "say_over_18"],
            "long": 18,  # words
            "long_intent": "tells_story",
        }

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config
        self._not_lowering = re.compile(config["not_lowering"], re.IGNORECASE)

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, context: ExecutionContext
    ) -> SecondNet:
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            name, confidence = self._decide(message)
            if name != message.get("intent", {}).get("name"):
                intent = {"name": name, "confidence": confidence}
                ranking = [r for r in message.get("intent_ranking", []) if r["name"] != name]
                message.set("intent", intent, add_to_output=True)
                message.set("intent_ranking", [intent, *ranking], add_to_output=True)
        return messages

    def _decide(self, message: Message) -> tuple[str | None, float]:
        if (message.get("text") or "").lower().strip(" .,!\u2060") in _OK:
            return "say_ok", 1.0
        intent = message.get("intent") or {}
        name, confidence = intent.get("name"), float(intent.get("confidence") or 0.0)
        ranking = [r for r in message.get("intent_ranking", []) if r["name"] != FALLBACK]
        risks = [r for r in ranking if r["name"] in RISK_INTENTS]
        words = len((message.get("text") or "").split())
        at_risk = sum(r["confidence"] for r in risks)
        if name in self._config["lowering"]:
            unsure = (
                confidence < self._config["sure"]
                or at_risk > self._config["beside"]
                or words > self._config["short"]
                or bool(self._not_lowering.search((message.get("text") or "").replace("\u2019", "'")))
            )
            return (FALLBACK, confidence) if unsure else (name, confidence)
        asked = (message.get("metadata") or {}).get("card", "age") == "age"
        if name in self._config["ages"] and not says_an_age(message.get("text") or "", asked=asked):
            name, confidence = FALLBACK, 1.0 - confidence
        if name != FALLBACK:
            return name, confidence
        if risks and at_risk >= self._config["together"]:
            return risks[0]["name"], at_risk
        if words >= self._config["long"]:
            return self._config["long_intent"], confidence
        return name, confidence
