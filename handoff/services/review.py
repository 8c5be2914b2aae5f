"""What has become old: texts past their review (R15) and numbers nobody has called for a while."""

from __future__ import annotations

from datetime import date, timedelta

from handoff.cards import CARDS
from handoff.services.model import DirectoryEntry, Service, Text

VERIFIED_FOR = timedelta(days=90)


def overdue_texts(service: Service, today: date) -> tuple[Text, ...]:
    """The texts people are shown now whose next review is past, longest overdue first."""
    texts = (service.text(kind, lang) for kind in CARDS for lang in service.file.languages)
    shown = {(text.kind, text.lang): text for text in texts}
    late = (text for text in shown.values() if text.next_review < today)
    return tuple(sorted(late, key=lambda text: (text.next_review, text.kind, text.lang)))


def stale_entries(service: Service, today: date) -> tuple[DirectoryEntry, ...]:
    """The directory entries to call again: not verified for 90 days, or never checked at all."""
    return tuple(e for e in service.directory if e.to_check or today - e.verified_on > VERIFIED_FOR)
