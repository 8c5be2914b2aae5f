"""Whatever is asked over HTTP: never a 5xx, and a refusal is in the project's own shape. The requests, good and bad,
are made by schemathesis from the app's own schema, which the front door serves to nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from seeds import seed_of_this_run

PAGES = ("/", "/sample/", "/chat/", "/embed/", "/policy/", "/web/", "/staff/sign-in")


@pytest.fixture(scope="module")
def operations(door) -> dict[str, Any]:
    schema = schemathesis.openapi.from_dict(door.app.openapi())
    found = [result.ok() for result in schema.get_all_operations()]
    return {f"{operation.method.upper()} {operation.path}": operation for operation in found}


@pytest.fixture(scope="module")
def sessions(door) -> Iterator[dict[str, str | None]]:
    yield {"nobody": None, **{role: door.session(role) for role in ("advisor", "moderator", "supervisor")}}


def all_are_answered(door: Any, operations: dict[str, Any], sessions: dict[str, str | None], *, each: int) -> None:
    number, asked = seed_of_this_run(), 0
    line = requests.Session()

    def ask(operation: Any) -> None:
        modes = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

        @seed(number)
        @settings(max_examples=each, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=modes, who=st.sampled_from(sorted(sessions)), ours=st.sampled_from([True, True, False]))
        def answered(case: Any, who: str, ours: bool) -> None:
            nonlocal asked
            asked += 1
            session = sessions[who] if operation.path != "/staff/sign-out" else None
            answer = case.call(
                base_url=door.origin,
                session=line,
                headers={"Origin": door.origin if ours else "https://elsewhere.example"},
                cookies={"frontdoor": session} if session else None,
                allow_redirects=False,
                timeout=30,
            )
            is_right(operation.path, answer)

        answered()

    for name, operation in operations.items():
        try:
            ask(operation)
        except Exception as error:
            error.add_note(f"of {name}")
            raise
    line.close()
    print(f"requests={asked} routes={len(operations)}")


def is_right(path: str, answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code < 400:
        return
    kind = str(answer.headers.get("content-type", ""))
    if path.startswith(PAGES) and "text/html" in kind:
        assert "<html" in answer.text  # a page in plain words
    elif answer.status_code != 405 or answer.content:
        said = json.loads(answer.text)
        assert set(said) == {"code", "words"}
        assert said["words"]


def test_whatever_is_asked_is_answered_or_refused_in_our_own_words(door, operations, sessions):
    all_are_answered(door, operations, sessions, each=6)


@pytest.mark.full
def test_the_same_of_many_requests_to_every_route(door, operations, sessions):
    all_are_answered(door, operations, sessions, each=400)


def test_the_schema_knows_every_route_and_is_served_to_nobody(door, operations):
    with door.http() as http:
        assert http.get("/openapi.json").status_code == 404
    assert len(operations) >= 25
