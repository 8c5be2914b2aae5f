"""A contact's state is read back as it was, also one that another version wrote: people wait through an upgrade."""

from __future__ import annotations

import json

from handoff.desk.sealed import read_state, state_to_json
from handoff.standing import Contact, Phase
from handoff.store.seal import Seal
from handoff.verdict import Risk

SEAL = Seal("contact", bytes(32))
STATE = Contact(
    phase=Phase.WAITING,
    risk=Risk.CONCERN,
    shown=frozenset({"notice"}),
    answers=(("danger", "no"),),
    asked_urgently=True,
)


def read(data: dict[str, object]) -> Contact:
    return read_state(SEAL, SEAL.seal(json.dumps(data), where="contact:state"))


def test_a_state_is_read_as_it_was_written() -> None:
    assert read(json.loads(state_to_json(STATE))) == STATE


def test_a_state_of_another_version_keeps_what_both_know() -> None:
    data = json.loads(state_to_json(STATE))
    del data["asked_urgently"]
    assert read({**data, "no_longer_known": True}).risk is Risk.CONCERN
    assert read({**data, "no_longer_known": True}).asked_urgently is False
