"""Promises 3 and 12: risk outranks abuse; an ending for abuse is earned step by step, reviewed, no lock-out."""

from __future__ import annotations

from people import People, Person

INSULTS = ("you are useless idiots", "you lot are pathetic idiots", "you people are useless", "shut up you idiot")


async def reads(person: Person, card: str) -> None:
    await person.look_at(await person.card(card))


async def is_ended(person: Person) -> None:
    """Three insults, each after the last warning was on the screen."""
    await person.say(INSULTS[0])
    await reads(person, "boundary")
    await person.say(INSULTS[1])
    await reads(person, "final_warning")
    await person.say(INSULTS[2])
    await reads(person, "ending")
    await person.phase("ended")


async def test_an_abusive_person_with_an_open_flag_is_never_ended(people: People):
    # Given a person whose words showed that somebody may be at risk,
    person, advisor, moderator = await people.person(), await people.advisor(), await people.moderator()
    await person.say("my brother has been missing since monday")
    await advisor.row(person.contact, risk="concern", flag_open=True)
    # when they are abusive again and again,
    for insult in INSULTS:
        await person.say(insult)
    # then they still wait for a person,
    await person.phase("waiting")
    assert not person.cards("ending")
    assert await moderator.cases() == []
    # and the advisor who takes them has both flags, and every word.
    await advisor.claim(person.contact)
    summary = await advisor.summary(person.contact, flag_open=True)
    assert {flag["risk"] for flag in summary["flagged"]} >= {"concern"}
    assert {flag["abuse"] for flag in summary["flagged"]} >= {"abusive"}
    await advisor.reads(person.contact, INSULTS[-1])
    assert advisor.words(person.contact) == ["my brother has been missing since monday", *INSULTS]


async def test_yes_typed_on_the_danger_card_is_immediate(people: People):
    # Given a person at the danger question, and no bot to understand words,
    person, advisor = await people.person(), await people.advisor()
    await person.press("safe_to_chat", "yes")
    await person.live("danger")
    # when they type what a button would have said,
    seq = await person.say("yes")
    # then it is taken as that: emergency words, a person, the top of the queue, an alert.
    await person.card("emergency")
    await advisor.frame("flagged", contact=person.contact, seq=seq, risk="immediate")
    await advisor.row(person.contact, band=0, state="waiting")


async def test_a_burst_counts_once(people: People):
    # Given a page that has shown no warning yet,
    person = await people.person(looks=False)
    # when a person sends insult after insult without having seen any answer,
    sent = [await person.start("say", text=insult) for insult in INSULTS]
    for client_id in sent:
        await person.answer(client_id)
    # then that is one step, not four.
    await person.card("boundary")
    assert len(person.cards("boundary")) == 1
    assert not person.cards("final_warning")
    # Only once the warning has been on the screen does the next insult count.
    await reads(person, "boundary")
    await person.say(INSULTS[0])
    await person.card("final_warning")
    assert [step["step"] for step in _ladder(people, person)] == [1, 2]


async def test_an_ending_that_was_unfair_is_overturned_and_the_chat_goes_on(people: People):
    # Given a person who was ended by the ladder,
    person = await people.person(looks=False)
    await is_ended(person)
    assert person.state["end_reason"] == "abuse"
    # when a moderator looks, and finds that it was unfair,
    moderator = await people.moderator()
    (case,) = await moderator.cases()
    seen = await moderator.open(case["id"])
    assert [step["clause"] for step in seen["ladder"]] == ["M15", "M16", "M16"]
    assert all(step["displayed_at"] for step in seen["ladder"])
    assert [e["entry"]["text"] for e in seen["entries"] if e["flagged"]] == list(INSULTS[:3])
    await moderator.decide(case["id"], "overturn", "They spoke of their situation, not of us.")
    # then the page is told that it goes on, in a contact that continues the old one,
    bye = await person.frame("bye", code="continues")
    assert bye["retry_after"] == 0.0
    again = await people.person(token=person.token)
    assert again.contact != person.contact
    # on a clean ladder, with the notice, and in the queue.
    await again.card("overturned")
    await again.card("notice")
    await again.phase("waiting")
    assert _ladder(people, again) == []
    # The advisor who takes them may read what was said before.
    advisor = await people.advisor()
    await advisor.claim(again.contact)
    await advisor.summary(again.contact, continues=person.contact)
    await advisor.send("open", contact=person.contact)
    await advisor.reads(person.contact, INSULTS[0])


async def test_an_ending_that_is_upheld_stays_and_locks_nobody_out(people: People):
    # Given a person who was ended by the ladder,
    person = await people.person(looks=False)
    await is_ended(person)
    # when a moderator upholds it,
    moderator = await people.moderator()
    (case,) = await moderator.cases()
    answer = await moderator.decide(case["id"], "uphold", "Three insults at the people here, each after a warning.")
    assert answer == {"ok": True, "continues": False}
    assert (await moderator.open(case["id"]))["outcome"] == "uphold"
    # then the chat stays ended, and a new one opens as for anybody.
    same = await people.person(token=person.token)
    assert same.state["phase"] == "ended"
    fresh = await people.person()
    await fresh.press("safe_to_chat", "yes")
    await fresh.live("danger")


def _ladder(people: People, person: Person) -> list[dict[str, object]]:
    return people.door.rows("SELECT * FROM ladder_step WHERE contact_id = ? ORDER BY step", person.contact)
