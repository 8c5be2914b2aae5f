"""docs/protocol.md lists every frame, command, code and route there is, and nothing else; its examples are valid."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import pytest
from pydantic import BaseModel, TypeAdapter

from handoff import errors, frames, turn
from handoff.gateway.staff_http import ROOMS

PROJECT = Path(__file__).resolve().parents[2]
DOC = (PROJECT / "docs/protocol.md").read_text()
GATEWAY = {path.name: path.read_text() for path in (PROJECT / "handoff/gateway").glob("*.py")}


def members(union: object) -> set[type[BaseModel]]:
    return set(typing.get_args(typing.get_args(union)[0]))


def by(field: str, models: set[type[BaseModel]]) -> dict[str, type[BaseModel]]:
    return {model.model_fields[field].default: model for model in models}


FROM_PERSON, FROM_STAFF = members(frames.PersonFrame), members(frames.StaffFrame)
TO_STAFF = {
    frames.StaffWelcome, frames.Queue, frames.Summary, frames.StaffEntry,
    frames.Claimed, frames.StaffAck, frames.Lost, frames.Flagged, frames.Alarms, frames.Asked,
}  # fmt: skip
TO_PERSON = {
    model
    for model in vars(frames).values()
    if isinstance(model, type) and issubclass(model, frames.Frame) and "t" in model.model_fields
} - (FROM_PERSON | FROM_STAFF | TO_STAFF)
TO_BOTH = {frames.TypingFrom, frames.Mark, frames.Refused, frames.Pong, frames.StillThere, frames.Bye}

SECTIONS: dict[str, dict[str, type[BaseModel]]] = {
    "Person → front door": by("t", FROM_PERSON),
    "Front door → person": by("t", TO_PERSON),
    "Staff → front door": by("t", FROM_STAFF),
    "Front door → staff": by("t", TO_STAFF),
    "The turn": {"TurnRequest": turn.TurnRequest, "TurnAnswer": turn.TurnAnswer},
    "Commands": by("do", members(turn.Command)),
}


def section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", DOC, re.MULTILINE | re.DOTALL)
    assert found, f"there is no section {title}"
    return found[1]


def described(title: str) -> dict[str, str]:
    """Heading → what stands under it."""
    parts = re.split(r"^### `(\w+)`\n", section(title), flags=re.MULTILINE)[1:]
    names = parts[::2]
    assert len(names) == len(set(names)), "described twice"
    return dict(zip(names, parts[1::2], strict=True))


def table(title: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", section(title), re.MULTILINE)


@pytest.mark.parametrize("title", SECTIONS)
def test_everything_that_can_be_sent_is_described_and_nothing_else_is(title: str):
    assert described(title).keys() == SECTIONS[title].keys()


@pytest.mark.parametrize(("title", "name"), [(title, name) for title in SECTIONS for name in sorted(SECTIONS[title])])
def test_every_example_is_valid_and_shows_every_field(title: str, name: str):
    model = SECTIONS[title][name]
    examples = re.findall(r"^```json\n(.*?)^```", described(title)[name], re.MULTILINE | re.DOTALL)
    assert len(examples) == 1
    found = TypeAdapter(model).validate_json(examples[0], strict=True)
    assert found.model_fields_set == set(model.model_fields)


def test_every_frame_is_sorted_by_who_hears_it():
    """A new frame has to be put on one side or the other, here and in the page."""
    assert len(by("t", TO_PERSON)) == len(TO_PERSON)
    assert len(by("t", TO_STAFF)) == len(TO_STAFF)
    assert TO_PERSON >= TO_BOTH
    shared = section("Front door → staff").split("###")[0]
    assert set(re.findall(r"`(\w+)`", shared)) == by("t", TO_BOTH).keys()


def subclasses(kind: type) -> set[type]:
    return {kind}.union(*(subclasses(child) for child in kind.__subclasses__()))


def test_every_code_of_refused_is_described():
    peer = {error.code for error in subclasses(errors.PeerError)} - {errors.PeerError.code}  # never raised itself
    sent = set(re.findall(r'refuse\(\s*(?:None|client_id),\s*"(\w+)"', "".join(GATEWAY.values())))
    explained = set(re.findall(r'(?:client_id|None),\s*"(\w+)",\s*f?"', GATEWAY["line.py"]))
    assert set(table("Codes of `refused`")) == peer | sent | explained | {"store_unavailable", "error"}


def test_every_code_of_bye_is_described():
    sent = set(re.findall(r'Bye\(\s*code="(\w+)"', "".join(GATEWAY.values())))
    assert set(table("Codes of `bye`")) == sent | {"not_found", "store_unavailable", "error"}


def test_every_route_is_described():
    found = {"GET /staff/" + room for room in ROOMS}
    for name, prefix in {"app.py": "", "pages.py": "", "staff_http.py": "/staff"}.items():
        for method, path in re.findall(r'@(?:app|router)\.(get|post|put|delete|patch)\("([^"]*)"', GATEWAY[name]):
            found.add(f"{method.upper()} {prefix}{path}")
    assert set(table("HTTP")) == found


def test_the_limits_that_are_named_are_the_limits():
    assert f"{frames.MAX_FRAME // 1024} KiB" in DOC
    assert f"{frames.MAX_WORDS:,} characters" in DOC
