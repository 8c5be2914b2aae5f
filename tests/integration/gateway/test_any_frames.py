"""Whatever a page sends: never a crash, always an answer or a clean close, and the front door still serves.

Frames are grown from the models themselves and then damaged.
"""

from __future__ import annotations

import json
import logging
import secrets
import typing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from handoff import frames as f

GOOD_CLOSES = {1000, 1002, 1003, 1007, 1008, 1009, 1012}  # never 1011, "internal error", nor a torn line


def kinds(union: Any) -> list[type[f.Frame]]:
    return list(typing.get_args(typing.get_args(union)[0]))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def fields_of(kind: type[f.Frame], contacts: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """A good frame of this kind, more or less."""
    known: dict[str, st.SearchStrategy[Any]] = {
        "t": st.just(kind.model_fields["t"].default),
        "v": st.just(1),
        "id": st.sampled_from(["a", "b", "c"]),
        "service": st.sampled_from(["missing", "survivors"]),
        "token": st.just(secrets.token_urlsafe(32)),
        "contact": contacts,
        "text": st.text(max_size=200) | st.sampled_from(["hello", "/restart", "no", "x" * 4_000]),
        "card_seq": st.integers(0, 12),
        "seq": st.integers(0, 40),
        "after": st.integers(0, 40),
        "lease_no": st.integers(1, 3),
        "option": st.sampled_from(["yes", "no", "unsure", "carry_on", "ok", "acknowledge", "under_18"]),
        "how": st.sampled_from(["end", "queue", "cold", "warm"]),
        "reason": st.sampled_from(["done", "abuse", "", "language", "shift_end"]),
        "to": st.none() | st.sampled_from(["nobody", "somebody"]),
        "on": st.booleans(),
        "why": st.text(max_size=20),
        "close": st.just(True),
        "lang": st.just("en"),
    }
    return st.fixed_dictionaries({name: known[name] for name in kind.model_fields})


@st.composite
def frames(draw: st.DrawFn, union: Any, contacts: tuple[str, ...]) -> str | bytes:
    kind = draw(st.sampled_from(kinds(union)))
    frame = draw(fields_of(kind, st.sampled_from(contacts)))
    match draw(st.sampled_from(["good", "good", "good", "field", "drop", "add", "cut", "bytes", "kind", "any"])):
        case "field":
            frame[draw(st.sampled_from(sorted(frame)))] = draw(anything)
        case "drop":
            del frame[draw(st.sampled_from(sorted(frame)))]
        case "add":
            frame[draw(st.text(max_size=8))] = draw(anything)
        case "kind":
            frame["t"] = draw(st.sampled_from([k.model_fields["t"].default for k in kinds(union)]))
        case "cut":
            raw = json.dumps(frame)
            return raw[: draw(st.integers(0, len(raw)))]
        case "bytes":
            return draw(st.binary(max_size=100))
        case "any":
            return json.dumps(draw(anything))
    return json.dumps(frame)


def sent_to(page: Any, raws: list[str | bytes]) -> None:
    """Send them all; then the line answers a ping, or was closed cleanly."""
    try:
        for raw in raws:
            page.line.send(raw)
        page.alive()
    except ConnectionClosed as closed:
        assert closed.rcvd is not None, "torn"
        assert closed.rcvd.code in GOOD_CLOSES, closed.rcvd
    for frame in page.seen:
        assert "Traceback" not in json.dumps(frame)
        assert frame.get("code") != "error", "a fault of ours, not of the frame"


SETTINGS = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(autouse=True)
def nothing_of_ours_breaks(caplog: pytest.LogCaptureFixture, door):
    """No task, route or unit of the front door ends in an exception that nobody foresaw."""
    with caplog.at_level(logging.ERROR):
        yield
    assert not [record for record in caplog.records if record.name.startswith(("uvicorn", "asyncio"))]
    with door.http() as http:
        assert http.get("/health").json()["store"] == "here"
    with door.page() as page:
        assert page.ask(t="say", text="does it still serve")["t"] == "ack"


@SETTINGS
@given(raws=st.lists(frames(f.PersonFrame, ("a",)), min_size=1, max_size=8))
def test_whatever_a_page_sends_is_answered_or_closed_cleanly(door, raws: list[str | bytes]):
    with door.page() as page:
        sent_to(page, raws)


@SETTINGS
@given(data=st.data())
def test_whatever_a_desk_sends_is_answered_or_closed_cleanly(door, waiting, session, data: st.DataObject):
    raws = data.draw(st.lists(frames(f.StaffFrame, (waiting.contact, "nobody")), min_size=1, max_size=8))
    with door.desk(session=session) as desk:
        sent_to(desk, raws)


@pytest.fixture
def waiting(door):
    """A person in the queue, for desks to do things with."""
    with door.page() as page:
        page.ask(t="person")
        yield page


@pytest.fixture
def session(door) -> str:
    return str(door.session("supervisor"))
