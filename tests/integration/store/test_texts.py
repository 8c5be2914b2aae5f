"""Released texts are in the database once, under the service that uses them, and are never silently another (R14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handoff.services.load import load_services
from handoff.services.model import Service
from handoff.store import audit
from handoff.store.store import Store
from handoff.store.tables import PolicyText
from handoff.store.texts import TextChanged, register


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    return load_services()


async def test_every_text_of_every_service_is_put_in_as_it_is(
    store: Store, services: dict[str, Service], now: datetime
) -> None:
    ids = await store.write(lambda session: register(session, services, now))
    rows = await store.read(lambda session: {row.id: row for row in session.scalars(select(PolicyText))})
    assert set(ids.values()) == set(rows)
    for service in services.values():
        for text in service.texts.values():
            row = rows[ids[service.id, text.kind, text.version, text.lang]]
            assert (row.service, row.title, row.body, row.sha256, row.reviewed, row.review_at) == (
                service.id,
                text.title,
                text.body,
                text.sha256,
                text.reviewed,
                text.next_review,
            )
    assert (await store.read(audit.verify)).n == len(rows)


async def test_registering_again_changes_nothing(store: Store, services: dict[str, Service], now: datetime) -> None:
    first = await store.write(lambda session: register(session, services, now))
    assert await store.write(lambda session: register(session, services, now)) == first
    assert (await store.read(audit.verify)).n == len(first)


async def test_a_changed_text_is_refused_whole_and_a_new_version_is_taken(
    store: Store, services: dict[str, Service], now: datetime
) -> None:
    some = {"missing": services["missing"]}
    ids = await store.write(lambda session: register(session, some, now))
    notice = some["missing"].text("notice")
    key = (notice.kind, notice.version, notice.lang)
    other = replace(notice, sha256="1" * 64, body="Other words.")
    edited = {"missing": replace(some["missing"], texts=some["missing"].texts | {key: other})}
    more = edited | {"phoneline": services["phoneline"]}
    with pytest.raises(TextChanged, match=rf"notice/{notice.version}\.en\.md.*Mend: .*notice/{notice.version + 1}\.en"):
        await store.write(lambda session: register(session, more, now))

    def how_many(session: Session) -> int | None:
        return session.scalar(select(func.count()).select_from(PolicyText))

    assert await store.read(how_many) == len(ids)
    newer = replace(other, version=notice.version + 1)
    released = {
        "missing": replace(
            some["missing"], texts=some["missing"].texts | {(newer.kind, newer.version, newer.lang): newer}
        )
    }
    again = await store.write(lambda session: register(session, released, now))
    assert again.items() > ids.items()
