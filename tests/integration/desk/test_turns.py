"""The bot's turns: one in flight, everything answered or a person, nothing said late (promises 7 and 8)."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from handoff import events as ev
from handoff import turn as t
from handoff.desk import advisor, person, turns
from handoff.desk.happen import happen
from handoff.desk.record import Record
from handoff.standing import Phase
from handoff.store.tables import Alarm, BotTurn, ContactKey
from handoff.verdict import Risk, Verdict

CONCERN = Verdict(risk=Risk.CONCERN)


async def test_one_turn_is_in_flight_and_the_next_takes_all_that_came_meanwhile(house) -> None:
    contact = await house.opens()
    await house.says(contact, "one")
    first = await house.leases(contact)
    for text in ("two", "three"):
        await house.says(contact, text)
    assert first.request.text == "one"
    assert await house.leases(contact) is None, "the row is the lock"
    assert await house.closes(first, words="Hello.")
    assert (await house.leases(contact)).request.text == "two\nthree"


async def test_messages_before_the_turn_is_asked_are_asked_together(house) -> None:
    contact = await house.opens()
    await house.says(contact, "one")
    await house.says(contact, "two")
    assert (await house.leases(contact)).request.text == "one\ntwo"
    assert house.asked == [contact, contact]


async def test_the_limit_counts_from_the_oldest_unanswered_message(house) -> None:
    contact = await house.opens()
    await house.says(contact, "one")
    said = house.now
    house.later(3)
    await house.says(contact, "two")
    assert ((await house.leases(contact)).due_at - said).total_seconds() == 4


async def test_a_late_answer_is_dropped_and_its_words_are_asked_again(house) -> None:
    contact = await house.opens()
    await house.says(contact, "one")
    leased = await house.leases(contact)
    await house.says(contact, "two", CONCERN)  # the epoch rises
    before = await house.entries(contact)
    await house.closes(leased, t.Choose(card="safe_to_chat", option="yes"), words="Good.")
    assert await house.entries(contact) == before
    assert (await house.state(contact)).answer("safe_to_chat") is None
    again = await house.leases(contact)
    assert again.request.text == "one\ntwo"
    assert again.request.turn != leased.request.turn
    assert again.due_at == leased.due_at, "within the same limit"


async def test_a_late_answer_may_still_raise_risk(house) -> None:
    contact = await house.opens()
    await house.says(contact, "one")
    leased = await house.leases(contact)
    await house.says(contact, "two", CONCERN)
    await house.closes(leased, t.RaiseRisk(category="suicide"), words="Tell me more.")
    assert (await house.place(contact)).band == 0
    assert "Tell me more." not in [e.text for e in await house.entries(contact)]


async def test_the_second_net_counts_even_after_an_advisor_has_joined(house) -> None:
    contact = await house.opens()
    await house.asks_for_person(contact)
    await house.says(contact, "i cant go on")
    leased = await house.leases(contact)
    await house.claims(await house.hires("Ash"), contact)
    before = await house.entries(contact)
    await house.closes(leased, t.RaiseRisk(category="suicide"), t.OfferEnd(), words="Tell me more.")
    assert await house.entries(contact) == before, "the bot is silent (promise 8)"
    state = await house.state(contact)
    assert (state.risk, state.risk_open, state.phase) == (Risk.IMMEDIATE, True, Phase.WITH_ADVISOR)
    assert await house.all(BotTurn) == []


async def test_after_a_claim_no_turn_is_asked(house) -> None:
    contact = await house.opens()
    await house.asks_for_person(contact)
    await house.says(contact, "one")
    await house.claims(await house.hires("Ash"), contact)
    assert await house.leases(contact) is None
    await house.says(contact, "two")
    assert await house.leases(contact) is None


async def test_an_expired_lease_is_taken_over_once_and_the_slow_one_closes_nothing(house) -> None:
    contact = await house.opens()
    await house.says(contact, "one")
    slow = await house.leases(contact, "a")
    house.later(4 + turns.GRACE_S + 0.1)
    assert await house.see(lambda s: turns.waiting_turns(s, house.now)) == [contact]
    taken = await house.leases(contact, "b")
    assert await house.leases(contact, "c") is None
    assert not await house.closes(slow, words="late")
    assert await house.closes(taken, words="in time")
    assert [e.text for e in await house.entries(contact) if e.author == "bot"] == ["in time"]
    assert not await house.closes(taken, words="twice")


async def test_a_turn_whose_gateway_died_before_asking_is_found_and_ends_with_a_person(house) -> None:
    contact = await house.opens()
    await house.says(contact, "one")
    house.later(60)
    assert await house.see(lambda s: turns.waiting_turns(s, house.now)) == [contact]
    leased = await house.leases(contact)
    assert leased.due_at < house.now, "there is no time left to ask in"
    await house.closes(leased, failed=True)
    assert (await house.state(contact)).phase is Phase.WAITING


async def test_a_failed_turn_is_cards_and_a_person_and_the_next_message_is_asked_again(house) -> None:
    contact = await house.opens()
    await house.says(contact, "one")
    await house.closes(await house.leases(contact), failed=True)
    assert (await house.cards(contact))[-4:] == ["bot_away", "notice", "queue", "safe_to_chat"]
    assert (await house.place(contact)).band == 1
    await house.says(contact, "two")
    assert (await house.leases(contact)).request.text == "two", "it comes back when the bot does"


async def test_a_command_nobody_knows_is_an_error_and_goes_to_a_person(house) -> None:
    contact = await house.opens()
    await house.says(contact, "one")
    await house.closes(await house.leases(contact), t.Choose(card="no_such_card", option="yes"), words="Good.")
    assert (await house.state(contact)).phase is Phase.WAITING
    assert "Good." not in [e.text for e in await house.entries(contact)]


async def test_danger_found_by_the_bot_lets_the_emergency_words_stand_alone(house) -> None:
    contact = await house.opens()
    await house.says(contact, "hes got in")
    await house.closes(await house.leases(contact), t.RaiseRisk(category="violence"), words="What would you like?")
    assert "What would you like?" not in [e.text for e in await house.entries(contact)]
    assert "emergency" in await house.cards(contact)


async def test_no_command_ends_a_contact(house) -> None:
    contact = await house.opens()
    await house.says(contact, "bye everyone")
    await house.closes(await house.leases(contact), t.Choose(card="offer_end", option="end"))
    assert (await house.state(contact)).phase is Phase.WITH_BOT


async def test_words_that_read_as_an_intent_are_words(house) -> None:
    contact = await house.opens()
    await house.says(contact, "  /restart")
    assert (await house.leases(contact)).request.text == "\u2060  /restart"


async def test_more_words_than_a_turn_holds_are_still_asked(house) -> None:
    contact = await house.opens()
    for n in range(6):
        await house.says(contact, ("/" if n == 0 else "x") * 4_000)
    assert len((await house.leases(contact)).request.text) == 20_000


async def test_the_need_is_kept_in_the_persons_own_words(house) -> None:
    contact = await house.opens()
    await house.says(contact, "i want to get out safely")
    await house.closes(await house.leases(contact), t.RecordFact(name="need"), t.Choose(card="need", option="leaving"))
    await house.asks_for_person(contact)
    from handoff.desk.summary import summary

    seen = await house.see(lambda s: summary(s, house.office, contact, here=True))
    assert "i want to get out safely" in seen.answers["need"]


async def test_a_turn_that_cannot_be_closed_is_given_up_to_a_person(house) -> None:
    contact = await house.opens()
    await house.says(contact, "one")
    await house.leases(contact)
    await house.do(lambda u: turns.give_up(u, contact))
    assert (await house.state(contact)).phase is Phase.WAITING
    assert await house.all(BotTurn) == []


async def test_where_even_the_key_is_gone_a_supervisor_is_told(house) -> None:
    contact = await house.opens()
    await house.says(contact, "one")
    await house.store.write(lambda s: s.execute(delete(ContactKey)))
    await house.do(lambda u: turns.tell_supervisor(u, contact))
    assert [a.what for a in await house.all(Alarm)] == ["turn_failed"]
    assert await house.all(BotTurn) == []


async def test_a_unit_that_fails_leaves_nothing_of_itself(house) -> None:
    contact = await house.opens()
    before = await house.entries(contact)

    def half(unit) -> None:
        happen(Record.load(unit, contact), ev.PersonAskedFor())
        raise ValueError

    with pytest.raises(ValueError):
        await house.do(half)
    assert await house.entries(contact) == before
    assert await house.place(contact) is None


async def test_an_advisor_given_back_person_is_answered_by_the_bot_again(house) -> None:
    contact = await house.opens()
    await house.asks_for_person(contact)
    ash = await house.hires("Ash")
    lease = await house.claims(ash, contact)
    await house.do(lambda u: advisor.release(u, ash, contact, lease_no=lease.lease_no))
    await house.says(contact, "hello")
    assert (await house.leases(contact)).request.facts.phase == "waiting"


async def test_leaving_takes_the_turn_along(house) -> None:
    contact = await house.opens()
    await house.says(contact, "one")
    leased = await house.leases(contact)
    await house.do(lambda u: person.leave(u, contact, how="end"))
    assert not await house.closes(leased, words="late")
    assert await house.all(BotTurn) == []


async def test_a_turn_left_behind_by_a_dead_gateway_is_not_asked_once_an_advisor_has_joined(house) -> None:
    contact = await house.opens()
    await house.asks_for_person(contact)
    await house.says(contact, "one")
    assert await house.leases(contact)
    await house.claims(await house.hires("Ash"), contact)
    house.later(60)
    assert await house.leases(contact) is None
    assert await house.all(BotTurn) == []
