"""Who waits where: the band of a person, and the one they stand in by now (PRACTICE, "Queue bands")."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff import events as ev
from handoff.contact import decide
from handoff.queue import CONCERN, IMMEDIATE, INFORMATION, OTHERS, SOON, band_for, stands_in
from handoff.standing import Contact, Phase, Rules
from handoff.verdict import Risk

BANDS = st.integers(IMMEDIATE, INFORMATION)
RULES = Rules(spine=("danger", "notice", "queue"))


@given(band=BANDS, waited=st.floats(0, 1e6), more=st.floats(0, 1e6), target=st.integers(1, 100_000))
def test_waiting_only_ever_lifts_and_by_one_band_at_most(band: int, waited: float, more: float, target: int) -> None:
    early, late = (stands_in(band, waited_s=s, target_s=target) for s in (waited, waited + more))
    assert band - 1 <= late <= early <= band


@given(band=BANDS, waited=st.floats(0, 1e9), target=st.integers(1, 100_000))
def test_nobody_is_lifted_among_those_in_danger_however_long_they_wait(band: int, waited: float, target: int) -> None:
    assert (stands_in(band, waited_s=waited, target_s=target) == IMMEDIATE) == (band == IMMEDIATE)


@pytest.mark.parametrize(("band", "lifted"), [(0, 0), (1, 1), (2, 1), (3, 2), (4, 3)])
def test_the_lift_comes_at_twice_the_target_and_not_before(band: int, lifted: int) -> None:
    assert stands_in(band, waited_s=599.9, target_s=300) == band
    assert stands_in(band, waited_s=600, target_s=300) == lifted


@pytest.mark.parametrize(
    ("contact", "band"),
    [
        (Contact(), OTHERS),
        (Contact(under_18=True), SOON),
        (Contact(under_18=True, risk=Risk.CONCERN), SOON),
        (Contact(under_18=True, answers=(("need", "professional"),)), SOON),
        (Contact(under_18=True, risk=Risk.IMMEDIATE), IMMEDIATE),
        (Contact(dropped=True), SOON),
        (Contact(dropped=True, risk=Risk.CONCERN), SOON),
        (Contact(dropped=True, risk=Risk.IMMEDIATE), IMMEDIATE),
        (Contact(asked_urgently=True), SOON),
        (Contact(asked_urgently=True, answers=(("need", "professional"),)), SOON),
        (Contact(risk=Risk.CONCERN), CONCERN),
    ],
)
def test_young_back_after_a_drop_or_asked_as_urgent_is_soon_and_danger_stays_first(contact: Contact, band: int) -> None:
    assert band_for(contact) == band


@pytest.mark.parametrize("phase", [Phase.WAITING, Phase.WITH_ADVISOR])
def test_back_after_a_drop_moves_up_and_says_nothing(phase: Phase) -> None:
    contact, effects = decide(Contact(phase=phase, band=OTHERS, shown=frozenset({"notice"})), ev.CameBack(), RULES)
    assert (contact.phase, contact.band) == (phase, SOON)
    assert [type(effect).__name__ for effect in effects] == ["Enqueue"]
    again, effects = decide(contact, ev.CameBack(), RULES)
    assert (again, effects) == (contact, ())
