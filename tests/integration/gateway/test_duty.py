"""On the wire: leaving somebody to others, pausing, and a claim too many."""

from __future__ import annotations


def row_of(desk, page, **match) -> dict:
    """The person's row as this desk has it, once it is so."""
    while True:
        for row in desk.until("queue")["rows"]:
            if row["contact"] == page.contact and match.items() <= row.items():
                return row


def test_who_is_left_to_others_stays_in_sight_of_everybody(door):
    with door.page() as page, door.desk() as ash, door.desk() as bo:
        page.ask(t="person")
        ash.send(t="watch")
        bo.send(t="watch")
        assert ash.ask(t="decline", contact=page.contact)["t"] == "ack"
        row_of(ash, page, declined=True, declined_by=1, state="waiting")
        row_of(bo, page, declined=False, declined_by=1, state="waiting")
        assert bo.ask(t="claim", contact=page.contact)["t"] == "claimed"
        page.becomes(phase="with_advisor")


def test_a_pause_holds_until_it_is_ended_and_is_known_after_a_reload(door):
    session = door.session("advisor")
    with door.page() as page, door.desk(session=session) as ash:
        page.ask(t="person")
        assert ash.ask(t="pause", on=True) | {"id": ""} == {"t": "ack", "id": "", "contact": None, "seq": None}
        assert ash.ask(t="claim", contact=page.contact)["code"] == "paused"
        with door.desk(session=session) as again:
            assert next(f for f in again.seen if f["t"] == "welcome")["paused"]
        ash.ask(t="pause", on=False)
        assert ash.ask(t="claim", contact=page.contact)["t"] == "claimed"


def test_a_claim_too_many_is_refused_with_the_reason(door):
    with door.page() as one, door.page() as two, door.page() as three, door.desk() as ash:
        for page in (one, two, three):
            page.ask(t="person")
        assert [ash.ask(t="claim", contact=p.contact)["t"] for p in (one, two)] == ["claimed"] * 2
        refused = ash.ask(t="claim", contact=three.contact)
        assert refused["code"] == "full"
        assert "as many people as one advisor can" in refused["words"]
        three.ask(t="say", text="he is at the door with a knife")
        assert ash.ask(t="claim", contact=three.contact)["t"] == "claimed"
