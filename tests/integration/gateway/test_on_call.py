"""On the wire: nobody claims, the on-call contact is called, and every desk hears of it when that fails."""

from __future__ import annotations

import json

from changed import changed_services

AT_ONCE = ("{after_s: 120, to: on_call}", "{after_s: 1, to: on_call}")
WORDS = "he is at the door with a knife"


def test_an_immediate_nobody_claims_calls_the_program_that_is_set(own_door, tmp_path):
    told = tmp_path / "told"
    door = own_door(services=changed_services(tmp_path, AT_ONCE), on_call_command=f"tee {told}")
    with door.page() as page, door.desk("supervisor") as sol:
        sol.send(t="watch")
        page.ask(t="say", text=WORDS)
        while "on_call_paged" not in [row["what"] for row in sol.until("alarms")["rows"]]:
            pass
        page_sent = json.loads(told.read_text())
        assert (page_sent["service"], page_sent["band"]) == ("missing", 0)
        for secret in (WORDS, page.contact, page.token):
            assert secret not in told.read_text()
            assert secret not in json.dumps([f for f in sol.seen if f["t"] == "alarms"]) or secret == page.contact


def test_a_program_that_fails_is_on_every_desk_until_somebody_claims(own_door, tmp_path, capfd):
    door = own_door(services=changed_services(tmp_path, AT_ONCE), on_call_command="false")
    with door.page() as page, door.desk() as ash, door.desk() as bo:
        ash.send(t="watch")
        bo.send(t="watch")
        page.ask(t="say", text=WORDS)
        for desk in (ash, bo):
            (row,) = desk.until("alarms")["rows"]
            assert (row["what"], row["contact"], row["service"]) == ("paging_failed", page.contact, "missing")
        ash.ask(t="claim", contact=page.contact)
        assert bo.until("alarms")["rows"] == []


def test_an_advisor_hears_of_no_alarm_that_is_a_supervisors(own_door, tmp_path):
    sooner = ("{after_s: 30, to: supervisor}", "{after_s: 1, to: supervisor}")
    door = own_door(services=changed_services(tmp_path, sooner))
    with door.page() as page, door.desk() as ash, door.desk("supervisor") as sol:
        ash.send(t="watch")
        sol.send(t="watch")
        page.ask(t="say", text=WORDS)
        (row,) = sol.until("alarms")["rows"]
        assert row["what"] == "waiting_band_0"
        ash.looked_round()
        assert [f for f in ash.seen if f["t"] == "alarms" and f["rows"]] == []
