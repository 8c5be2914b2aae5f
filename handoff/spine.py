"""The order of cards of a service. Pure; the order itself is data in service.yml."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from handoff.cards import CARDS

WHILE_CLOSED = ("greeting", "closed", "safe_to_chat", "danger")  # no story is asked for that nobody will read


def next_cards(spine: Sequence[str], shown: Collection[str], *, open: bool) -> Iterator[str]:
    """The cards still to come, in order, ending with `queue` while the service is open."""
    order = spine if open else [name for name in WHILE_CLOSED if name in spine or name == "closed"]
    return (name for name in order if name == "queue" or name not in shown)


def resting_card(spine: Sequence[str], shown: Collection[str], answers: Mapping[str, str]) -> str | None:
    """The newest question of the spine that was shown and not answered: a person came away from it for an aside."""
    for name in reversed(spine):
        if name in shown and name not in answers and CARDS[name].asks and name != "notice":
            return name
    return None


def notice_is_read_first(spine: Sequence[str]) -> bool:
    """R6, R7: on the phoneline the full notice stands before any story, and waits to be read."""
    return "need" in spine and spine.index("notice") < spine.index("need")


def emergency_card(categories: frozenset[str], *, under_18: bool, own_behaviour: bool) -> str:
    """Which emergency words fit. With nothing known, the ones that fit everybody."""
    if categories & {"suicide", "self_harm"}:
        return "emergency_suicide"
    if under_18:
        return "emergency_child"
    if own_behaviour and (categories & {"threat_to_others", "violence"} or not categories):
        return "emergency_own_behaviour"
    return "emergency"
