"""Released texts into the database, so that every entry can point at exactly what was shown (R14)."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.errors import FrontdoorError
from handoff.services.model import Service, Text
from handoff.store import audit
from handoff.store.tables import PolicyText

TextKey: TypeAlias = tuple[str, str, int, str]  # service, kind, version, lang


class TextChanged(FrontdoorError):
    """A text that was released, and may have been shown to people, is no longer what it was."""

    code = "text_changed"


def register(session: Session, services: dict[str, Service], now: datetime) -> dict[TextKey, int]:
    """Puts every text of every service in, under the service that uses it; gives the id of each.

    Doing it again changes nothing. Raises TextChanged, and puts nothing in, if a released text's file was edited.
    """
    texts: dict[TextKey, Text] = {
        (service.id, text.kind, text.version, text.lang): text
        for service in services.values()
        for text in service.texts.values()
    }
    known = {
        (row.service, row.kind, row.version, row.lang): row
        for row in session.execute(
            select(
                PolicyText.id,
                PolicyText.service,
                PolicyText.kind,
                PolicyText.version,
                PolicyText.lang,
                PolicyText.sha256,
            )
        )
    }
    changed = [key for key, text in texts.items() if key in known and known[key].sha256 != text.sha256]
    if changed:
        raise TextChanged("\n".join(_mend(key) for key in sorted(changed)))
    ids: dict[TextKey, int] = {}
    for key, text in texts.items():
        ids[key] = known[key].id if key in known else _put(session, key, text, now)
    return ids


def _put(session: Session, key: TextKey, text: Text, now: datetime) -> int:
    service, kind, version, lang = key
    row = PolicyText(
        service=service,
        kind=kind,
        version=version,
        lang=lang,
        title=text.title,
        body=text.body,
        sha256=text.sha256,
        reviewed=text.reviewed,
        review_at=text.next_review,
    )
    session.add(row)
    session.flush()
    audit.record(session, now=now, actor="software", action="text_released", detail=f"text={row.id} version={version}")
    return row.id


def _mend(key: TextKey) -> str:
    service, kind, version, lang = key
    return (
        f"The text {kind}/{version}.{lang}.md of {service} was changed after it was released. Mend: put the old words "
        f"back, and release the new ones as {kind}/{version + 1}.{lang}.md."
    )
