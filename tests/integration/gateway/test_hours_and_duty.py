"""On the wire: nobody at a desk is said to who waits, and doors that have closed are said first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from changed import changed_services

from handoff.gateway import staffing
from handoff.services.hours import DAYS


def test_who_waits_is_told_honestly_when_nobody_is_at_a_desk_and_when_somebody_is_again(own_door, monkeypatch):
    monkeypatch.setattr(staffing, "PATIENCE", timedelta(seconds=0.5))
    door = own_door()
    with door.page() as page:
        page.ask(t="person")
        page.becomes(phase="waiting", staffed=False)
        with door.desk():
            page.becomes(phase="waiting", staffed=True)
        page.becomes(phase="waiting", staffed=False)


def test_an_empty_desk_is_in_front_of_the_supervisor(own_door, monkeypatch):
    monkeypatch.setattr(staffing, "PATIENCE", timedelta(seconds=0.5))
    door = own_door()
    with door.desk("supervisor") as sol:
        sol.send(t="watch")
        while {"nobody_on_duty"} != {row["what"] for row in sol.until("alarms")["rows"]}:
            pass
        with door.desk() as ash:
            ash.send(t="watch")
            assert sol.until("alarms")["rows"] == []


def test_closed_is_said_first_and_nobody_joins_a_queue_that_nobody_reads(own_door, tmp_path):
    day = DAYS[(datetime.now(UTC) + timedelta(days=3)).weekday()]
    not_now = ("  always: true", f"  week: {{{day}: [{{opens: '03:00', closes: '04:00'}}]}}")
    door = own_door(services=changed_services(tmp_path, not_now))
    with door.page() as page:
        assert page.card("closed")
        assert page.until("state")["open"] is False
        page.ask(t="person")
        page.alive()
        assert door.transcript(page)[-1]["card"]["name"] != "queue"
        assert "waiting" not in [frame["phase"] for frame in page.seen if frame["t"] == "state"]
