"""Promise 7 on the bot's side: whatever breaks, a turn is a 502 and never half an answer, and it comes back."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

CANARY = "zebrafinch"


@pytest.fixture
def without_actions(served: Any) -> Iterator[Any]:
    served.actions.stop()
    yield served
    served.actions.start()


class Impostor(ThreadingHTTPServer):
    """An action server that answers what it is told to, or waits until it is let go."""

    allow_reuse_address = True

    def __init__(self, port: int, status: int, body: Any, hang: bool = False) -> None:
        let_go = self.let_go = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                if hang:
                    let_go.wait(30)
                sent = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_: Any) -> None: ...

        super().__init__(("127.0.0.1", port), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *_: Any) -> None:
        self.let_go.set()
        self.shutdown()
        self.server_close()


def fails(served: Any, kind: str) -> None:
    status, answer = served.turn(f"can i talk to a person {CANARY}")
    assert (status, answer["error"]) == (502, kind)
    assert CANARY not in json.dumps(answer)


def test_without_an_action_server_nothing_is_said_that_was_not_done(without_actions: Any) -> None:
    fails(without_actions, "receipts")


def test_words_alone_are_answered_without_an_action_server(without_actions: Any) -> None:
    assert without_actions.said("is this confidential") == ["utter_confidential"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"error": "x"}),
        (200, {"events": [], "responses": []}),
        (200, {"events": [], "responses": [{"custom": {"receipt": "action_other", "commands": []}}]}),
        (200, {"events": [], "responses": [{"text": "Somebody is on the way."}]}),
        (200, {"responses": "garbage"}),
        (200, []),
    ],
)
def test_an_action_without_its_receipt_fails_the_turn(without_actions: Any, status: int, body: Any) -> None:
    with Impostor(without_actions.actions.port, status, body):
        fails(without_actions, "receipts")


def test_a_rejected_action_fails_the_turn(without_actions: Any) -> None:
    body = {"error": "no", "action_name": "action_request_advisor"}
    with Impostor(without_actions.actions.port, 400, body):
        status, answer = without_actions.turn("can i talk to a person")
    assert (status, answer["error"]) == (502, "action_rejected")


def test_a_hanging_action_fails_the_turn_in_time(without_actions: Any) -> None:
    with Impostor(without_actions.actions.port, 200, {}, hang=True):
        fails(without_actions, "too_slow")


def test_it_comes_back(served: Any) -> None:
    assert served.said("can i talk to a person") == ["request_advisor"]


def test_the_action_server_does_not_echo_what_it_was_sent(served: Any) -> None:
    import urllib.error
    import urllib.request

    url = f"http://127.0.0.1:{served.actions.port}/webhook"
    for body in (
        {"next_action": "action_choose", "sender_id": "s", "tracker": {"latest_message": {"text": CANARY}}},
        {"next_action": CANARY, "sender_id": "s", "tracker": {"latest_message": {"text": CANARY}}},
    ):
        request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(request, timeout=10)
        said = error.value.read().decode()
        assert "latest_message" not in said
        assert error.value.headers.get("Access-Control-Allow-Origin") is None
        if body.get("next_action") != CANARY:
            assert CANARY not in said


def test_no_log_holds_a_word_of_anybody(served: Any) -> None:
    served.turn(f"he said {CANARY} to me", card="danger")
    served.turn(f"can i talk to a person {CANARY}")
    served.actions.stop()
    try:
        served.turn(f"can i talk to a person {CANARY}")
    finally:
        served.actions.start()
    for log in served.logs:
        text = log.read_text(errors="replace").lower()
        assert text, "a log that is empty proves nothing"
        assert CANARY not in text
