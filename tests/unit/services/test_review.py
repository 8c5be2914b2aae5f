"""R15: an overdue review shows; so does a number that nobody has called for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handoff.cards import CARDS
from handoff.services.load import load_services
from handoff.services.model import Service
from handoff.services.review import VERIFIED_FOR, overdue_texts, stale_entries

SERVICES = load_services()


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_a_text_is_overdue_from_the_day_after_its_review_date(service: Service) -> None:
    day = service.text("notice").next_review
    assert "notice" not in {text.kind for text in overdue_texts(service, day)}
    assert "notice" in {text.kind for text in overdue_texts(service, day + timedelta(days=1))}
    assert len(overdue_texts(service, day + timedelta(days=3650))) == len(CARDS)


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_an_entry_is_stale_after_ninety_days_or_when_it_was_never_checked(service: Service) -> None:
    entry = next(e for e in service.directory if not e.to_check)
    assert entry not in stale_entries(service, entry.verified_on + VERIFIED_FOR)
    assert entry in stale_entries(service, entry.verified_on + VERIFIED_FOR + timedelta(days=1))
    assert {e for e in service.directory if e.to_check} <= set(stale_entries(service, entry.verified_on))
