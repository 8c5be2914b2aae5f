"""A journey through the pure contact: what happened, and what followed each time."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from handoff.cards import CARDS
from handoff.contact import decide
from handoff.effects import Effect, Show
from handoff.events import Event, Opened, PersonSaid
from handoff.services.load import load_services
from handoff.services.model import Service
from handoff.standing import Contact, Rules
from handoff.verdict import Abuse, Target, Verdict


@cache
def _services() -> dict[str, Service]:
    return load_services(None)


class Journey:
    """`happen(event)` gives the effects of that event; `contact` is where the person stands now."""

    def __init__(self, service: Service, *, open: bool = True) -> None:
        self.rules = Rules(
            spine=service.file.spine,
            open=open,
            software_may_end=service.file.ladder.software_may_end,
            own_behaviour=service.file.contempt_is_risk,
        )
        self.contact = Contact()
        self.first = self.happen(Opened())

    def happen(self, event: Event) -> tuple[Effect, ...]:
        self.contact, effects = decide(self.contact, event, self.rules)
        return effects

    def says(self, **found: object) -> tuple[Effect, ...]:
        return self.happen(PersonSaid(verdict=Verdict(**found)))  # type: ignore[arg-type]

    def abuses(self, target: Target | None = Target.STAFF, *, level: Abuse = Abuse.ABUSIVE) -> tuple[Effect, ...]:
        return self.says(abuse=level, target=target, abuse_categories=frozenset({"insult"}))


def shown(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.card for effect in effects if isinstance(effect, Show)]


@pytest.fixture
def services() -> dict[str, Service]:
    """The three that ship."""
    return _services()


@pytest.fixture(params=["missing", "phoneline", "survivors"])
def service(request: pytest.FixtureRequest) -> Service:
    """Each of the three."""
    return _services()[request.param]


@pytest.fixture
def begin() -> Callable[..., Journey]:
    """`begin("missing", open=False)`: a contact that was just opened."""
    return lambda service="survivors", **how: Journey(_services()[service], **how)


@pytest.fixture
def cards() -> Callable[[tuple[Effect, ...]], list[str]]:
    """The cards shown by effects, in order."""
    return shown


@pytest.fixture
def asking() -> frozenset[str]:
    return frozenset(name for name, card in CARDS.items() if card.asks)
