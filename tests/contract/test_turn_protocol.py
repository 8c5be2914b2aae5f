"""The turn protocol as handoff sees it, held to the same examples as the bot (tests/bot/test_protocol.py)."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from handoff.turn import TurnAnswer, TurnRequest

EXAMPLES = Path(__file__).parent / "turn"


def examples(name: str) -> list[Any]:
    return [pytest.param(e, id=e["name"]) for e in json.loads((EXAMPLES / name).read_text())]


@pytest.mark.parametrize("example", examples("requests.json"))
def test_handoff_and_the_bot_agree_on_every_request(example: dict[str, Any]) -> None:
    request = copy.deepcopy(example["request"])
    if "text_length" in example:
        request["text"] = "x" * example["text_length"]
    if example["valid"]:
        TurnRequest.model_validate_json(json.dumps(request))
    else:
        with pytest.raises(ValidationError):
            TurnRequest.model_validate_json(json.dumps(request))


@pytest.mark.parametrize("example", examples("answers.json"))
def test_handoff_reads_every_answer_of_the_bot(example: dict[str, Any]) -> None:
    answer = TurnAnswer.model_validate_json(json.dumps(example["answer"]))
    assert len(answer.commands) == len(example["answer"]["commands"])
