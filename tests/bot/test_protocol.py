"""The turn protocol as the bot sees it, held to the same examples as handoff (tests/contract)."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from bot.protocol import Malformed, parse

EXAMPLES = json.loads((Path(__file__).parents[1] / "contract" / "turn" / "requests.json").read_text())


@pytest.mark.parametrize("example", EXAMPLES, ids=[e["name"] for e in EXAMPLES])
def test_the_bot_and_handoff_agree_on_every_request(example: dict[str, Any]) -> None:
    request = copy.deepcopy(example["request"])
    if "text_length" in example:
        request["text"] = "x" * example["text_length"]
    if example["valid"]:
        assert parse(request).turn == "t-1"
    else:
        with pytest.raises(Malformed):
            parse(request)


def test_a_malformed_request_is_named_and_not_quoted() -> None:
    with pytest.raises(Malformed) as error:
        parse({"turn": "t", "text": "canary-words", "facts": {"service": "x", "phase": "canary-words"}})
    assert "canary-words" not in str(error.value)


def test_a_turn_is_answered_with_its_own_name(served: Any) -> None:
    status, answer = served.turn("is this confidential", turn="turn-77")
    assert status == 200
    assert answer["turn"] == "turn-77"
    assert answer["v"] == 1
    assert [r["name"] for r in answer["replies"]] == ["utter_confidential"]


def test_readiness_needs_no_secret(served: Any) -> None:
    import urllib.request

    with urllib.request.urlopen(served.url, timeout=5) as r:
        assert json.load(r) == {"status": "ok"}


@pytest.mark.parametrize("secret", [None, "", "wrong", "a-shared-secret-for-test"])
def test_a_wrong_secret_is_refused(served: Any, secret: str | None) -> None:
    body = json.dumps({"v": 1, "turn": "t", "text": "hi", "facts": {"service": "x", "phase": "with_bot"}})
    status, answer = served.post(body.encode(), secret)
    assert (status, answer["error"]) == (401, "secret")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"turn":"t"}'])
def test_a_malformed_request_is_400(served: Any, body: bytes) -> None:
    status, answer = served.post(body)
    assert (status, answer["error"]) == (400, "malformed")


def test_the_rest_of_rasa_is_not_offered(served: Any) -> None:
    import urllib.error
    import urllib.request

    base = f"http://127.0.0.1:{served.port}"
    for path in ("/webhooks/rest/webhook", "/model/parse", "/conversations/x/tracker", "/domain"):
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(base + path, data=b"{}", timeout=5)
        assert error.value.code in (404, 405)
