"""docs/contact.md is what the table of transitions says."""

from __future__ import annotations

from pathlib import Path

from handoff import contact_diagram as d
from handoff.standing import Phase

DOCUMENT = Path(__file__).parents[3] / "docs" / "contact.md"


def test_the_document_is_the_table() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == d.markdown(), (
        "Mend: .venv/bin/python -m handoff.contact_diagram > docs/contact.md"
    )


def test_whoever_waits_leaves_the_queue_only_by_a_claim_their_own_press_or_the_ladder() -> None:
    ways = {(to, event) for start, to, events in d.arrows() for event in events if start is Phase.WAITING}
    assert ways == {
        (Phase.WITH_ADVISOR, "Claimed"),
        (Phase.ENDED, "PersonSaid"),
        (Phase.ENDED, "CardChosen"),
        (Phase.ENDED, "PersonLeft"),
    }


def test_nothing_leads_out_of_an_ending() -> None:
    assert not [arrow for arrow in d.arrows() if arrow[0] is Phase.ENDED]
