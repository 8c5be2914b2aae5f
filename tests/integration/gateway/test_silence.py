"""On the wire: who is claimed and hears nothing is a supervisor's, and "typing" is never shown with nobody there."""

from __future__ import annotations

from changed import changed_services

SOONER = (("first_words_s: 60", "first_words_s: 1"), ("silent_advisor_s: 90", "silent_advisor_s: 5"))


def test_a_silent_advisor_is_reminded_and_then_a_supervisor_is_told(own_door, tmp_path):
    door = own_door(services=changed_services(tmp_path, *SOONER))
    with door.page() as page, door.desk() as ash, door.desk("supervisor") as sol:
        page.ask(t="person")
        ash.ask(t="claim", contact=page.contact)
        ash.send(t="watch")
        sol.send(t="watch")
        for quiet in ("first_words", "silent"):
            while quiet not in [row["quiet"] for row in ash.until("queue")["rows"]]:
                pass
        while [row["what"] for row in sol.until("alarms")["rows"]] != ["advisor_silent"]:
            pass
        ash.ask(t="say", contact=page.contact, lease_no=1, text="Hello.")
        while sol.until("alarms")["rows"]:
            pass


def test_typing_of_somebody_who_gave_the_person_back_is_shown_to_nobody(door):
    with door.page() as page, door.desk() as ash:
        page.ask(t="person")
        lease = ash.ask(t="claim", contact=page.contact)["lease_no"]
        ash.send(t="watch")
        while not any(row["mine"] and row["contact"] == page.contact for row in ash.until("queue")["rows"]):
            pass
        ash.send(t="typing", contact=page.contact)
        page.until("typing")
        ash.ask(t="release", contact=page.contact, lease_no=lease)
        page.becomes(phase="waiting")
        before = len(page.seen)
        ash.send(t="typing", contact=page.contact)
        ash.alive()
        page.ask(t="say", text="is anybody there")
        page.alive()
        assert "typing" not in [frame["t"] for frame in page.seen[before:]]
