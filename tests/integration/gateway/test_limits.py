"""What counts how much at once keeps nobody: memory and traces would grow with everybody who was ever here."""

from __future__ import annotations

from handoff.gateway.gateway import Limits


def test_nobodys_id_stays_in_the_limits_once_their_time_is_up():
    limits = Limits()
    limits.frame("gone")
    limits.words("gone", "m1")
    for events in limits._storage.events.values():
        events.clear()  # as the storage does by itself when the time is up
    limits.frame("here")
    limits.forget()
    assert [key for key in limits._storage.events if "gone" in key] == []
    assert [key for key in limits._storage.events if "here" in key]


def test_who_is_forgotten_is_not_let_off():
    limits = Limits()
    assert [limits.words("quick", f"m{n}") for n in range(25)].count(True) == 20
    limits.forget()
    assert not limits.words("quick", "m25")
