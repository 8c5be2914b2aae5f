"""What a person does, as it is stored: once, in order, and fairly."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handoff.desk import person, views
from handoff.desk.board import board
from handoff.errors import Illegal, NotFound
from handoff.ladder import Rung
from handoff.standing import Phase
from handoff.store.tables import Alarm, Complaint, ContactRow, LadderStep, NoticeRecord, QueueEntry
from handoff.verdict import Risk, Verdict


async def test_saying_it_again_changes_nothing(house) -> None:
    contact = await house.opens()
    first = await house.says(contact, "hello", client_id="one")
    assert await house.says(contact, "hello", client_id="one") == first
    assert [e.text for e in await house.entries(contact) if e.author == "person"] == ["hello"]


async def test_the_notice_stands_before_the_queue_in_the_transcript_too(house, immediate) -> None:
    contact = await house.opens()
    await house.says(contact, "hes here", immediate)
    cards = await house.cards(contact)
    assert cards[cards.index("emergency") :] == ["emergency", "notice", "queue", "still_there"]
    place = await house.place(contact)
    assert (place.band, place.state) == (0, "waiting")
    assert await house.leases(contact) is None, "the bot is not asked"


async def test_a_reminder_of_the_notice_is_not_a_second_notice(house) -> None:
    contact = await house.opens("phoneline")
    await house.presses(contact, "safe_to_chat", "yes")
    await house.presses(contact, "danger", "no")
    await house.says(contact, "what is this")
    await house.closes(await house.leases(contact), words="It is about privacy.")
    assert (await house.cards(contact))[-2:] == ["notice", "notice"]
    [notice] = await house.all(NoticeRecord)
    sent = next(e for e in await house.entries(contact) if e.seq == notice.seq)
    assert "## " in sent.text, "the whole of it, not the short way of asking again"


async def test_a_warning_counts_only_when_it_was_itself_on_screen(house, abuse) -> None:
    contact = await house.opens()
    await house.says(contact, "rude", abuse)
    later = (await house.entries(contact))[-1].seq
    await house.do(lambda u: person.shown(u, contact, seq=later))  # the question below it, not the warning above
    await house.says(contact, "rude", abuse)
    assert (await house.state(contact)).rung is Rung.BOUNDARY
    await house.sees(contact, "boundary")  # scrolled up to it
    await house.says(contact, "rude", abuse)
    assert (await house.state(contact)).rung is Rung.FINAL_WARNING


async def test_a_notice_is_displayed_only_when_it_was_itself_on_screen(house) -> None:
    contact = await house.opens()
    await house.asks_for_person(contact)
    later = (await house.entries(contact))[-1].seq
    await house.do(lambda u: person.shown(u, contact, seq=later))
    assert (await house.all(NoticeRecord))[0].displayed_at is None
    await house.sees(contact, "notice")
    assert (await house.all(NoticeRecord))[0].displayed_at == house.now


async def test_shown_of_what_was_never_sent_marks_nothing(house) -> None:
    contact = await house.opens()
    await house.do(lambda u: person.shown(u, contact, seq=10_000))
    assert await house.see(lambda s: views.mark(s, contact, party="person")) is None


async def test_the_ladder_keeps_when_each_warning_was_displayed(house, abuse) -> None:
    contact = await house.opens()
    await house.is_ended_for_abuse(contact)
    steps = await house.all(LadderStep)
    assert [(s.step, s.clause, s.by) for s in steps] == [
        (1, "M15", "software"),
        (2, "M16", "software"),
        (3, "M16", "software"),
    ]
    assert [s.displayed_at is not None for s in steps] == [True, True, False]
    with pytest.raises(Illegal, match="999"):
        await house.says(contact, "let me back")


async def test_quick_exit_of_a_queued_person_keeps_their_place_as_away(house) -> None:
    contact = await house.opens()
    await house.asks_for_person(contact)
    await house.do(lambda u: person.leave(u, contact, how="exit"))
    seen = await house.see(lambda s: board(s, house.office, here=set()))
    assert [(row.contact, row.state, row.here) for row in seen.rows] == [(contact, "waiting", False)]
    assert seen.places[contact].position is None
    assert await house.see(lambda s: person.find(s, house.token)) is None, "the page's token is revoked"


async def test_quick_exit_after_a_concern_leaves_it_for_staff_to_read(house) -> None:
    contact = await house.opens()
    await house.says(contact, "he scares me", Verdict(risk=Risk.CONCERN))
    await house.do(lambda u: person.leave(u, contact, how="exit"))
    assert (await house.place(contact)).band == 2


async def test_quick_exit_with_nothing_found_ends_and_sets_the_clock_of_destruction(house) -> None:
    contact = await house.opens()
    await house.do(lambda u: person.leave(u, contact, how="exit"))
    row = (await house.all(ContactRow))[0]
    assert (row.phase, row.end_reason, row.token_hash) == ("ended", "left", None)
    assert row.destroy_after is not None


async def test_a_complaint_is_taken_in_every_phase_and_once(house, abuse) -> None:
    contact = await house.opens()
    await house.is_ended_for_abuse(contact)
    for _ in range(2):
        await house.do(lambda u: person.complain(u, contact, client_id="c", text="unfair", verdict=Verdict()))
    assert len(await house.all(Complaint)) == 1
    assert (await house.cards(contact))[-2:] == ["ending", "complaint_received"]


async def test_danger_told_of_in_a_complaint_is_danger(house, immediate) -> None:
    contact = await house.opens()
    await house.do(lambda u: person.complain(u, contact, client_id="c", text="he is here", verdict=immediate))
    assert (await house.place(contact)).band == 0
    assert "emergency" in await house.cards(contact)
    assert [a.what for a in await house.all(Alarm)] == ["complaint_flagged"]


async def test_danger_told_of_in_a_complaint_after_the_end_gets_emergency_words_and_a_supervisor(
    house, abuse, immediate
) -> None:
    contact = await house.opens()
    await house.is_ended_for_abuse(contact)
    await house.do(lambda u: person.complain(u, contact, client_id="c", text="he is here", verdict=immediate))
    assert (await house.cards(contact))[-1] == "emergency"
    assert [a.what for a in await house.all(Alarm)] == ["complaint_flagged"]


async def test_read_marks_only_go_forward(house) -> None:
    contact = await house.opens()
    for seq in (3, 1, 2):
        await house.do(lambda u, seq=seq: person.seen(u, contact, seq=seq))
    assert (await house.see(lambda s: views.mark(s, contact, party="person"))).read == min(
        3, len(await house.entries(contact))
    )


async def test_a_button_of_another_contact_does_nothing(house) -> None:
    contact = await house.opens()
    with pytest.raises(NotFound):
        await house.do(lambda u: person.choose(u, contact, client_id="x", card_seq=999, option="yes"))


async def test_yes_to_danger_is_on_the_record_as_what_raised_it(house) -> None:
    contact = await house.opens()
    await house.presses(contact, "safe_to_chat", "yes")
    await house.presses(contact, "danger", "yes")
    assert (await house.state(contact)).risk is Risk.IMMEDIATE
    assert (await house.place(contact)).band == 0


async def test_words_of_white_space_are_refused(house) -> None:
    contact = await house.opens()
    for blank in (" ", "\u200b", "\n\t"):
        with pytest.raises(Illegal):
            await house.says(contact, blank)


async def test_a_token_opens_the_same_contact_again_and_another_service_none(house) -> None:
    contact = await house.opens("missing")
    token = house.token
    again = await house.do(lambda u: person.open_contact(u, service="missing", lang="en", token_hash=token))
    assert again.contact_id == contact
    with pytest.raises(NotFound):
        await house.do(lambda u: person.open_contact(u, service="survivors", lang="en", token_hash=token))


async def test_the_board_has_everybody_in_order_of_band_then_age(house, immediate) -> None:
    first, second, third = [await house.opens() for _ in range(3)]
    for contact in (first, second):
        await house.asks_for_person(contact)
        house.later(60)
    await house.says(third, "hes here", immediate)
    seen = await house.see(lambda s: board(s, house.office, here={first, second, third}))
    assert [row.contact for row in seen.rows] == [third, first, second]
    assert [seen.places[x].position for x in (third, first, second)] == [1, 2, 3]


async def test_the_board_lifts_who_has_waited_long_one_band_among_them_by_age(house, immediate) -> None:
    patient, younger, danger = [await house.opens() for _ in range(3)]
    await house.asks_for_person(patient)
    target = {band.band: band.target_s for band in house.office.services["survivors"].file.bands}
    house.later(2 * target[3] - 1)
    await house.says(younger, "im scared", Verdict(risk=Risk.CONCERN))
    await house.asks_for_person(younger)
    await house.says(danger, "hes here", immediate)
    here = {patient, younger, danger}

    async def rows() -> list[tuple[str, int, bool]]:
        found = await house.see(lambda s: board(s, house.office, here=here))
        assert [found.places[row.contact].position for row in found.rows] == [1, 2, 3]
        return [(row.contact, row.band, row.lifted) for row in found.rows]

    assert await rows() == [(danger, 0, False), (younger, 2, False), (patient, 3, False)]
    house.later(1)
    assert await rows() == [(danger, 0, False), (patient, 3, True), (younger, 2, False)]
    house.later(2 * target[2] - 2)  # nobody is lifted twice
    assert await rows() == [(danger, 0, False), (patient, 3, True), (younger, 2, False)]
    house.later(1)
    assert await rows() == [(danger, 0, False), (younger, 2, True), (patient, 3, True)]
    house.later(60 * 60 * 24)  # and nobody into band 0
    assert await rows() == [(danger, 0, False), (younger, 2, True), (patient, 3, True)]


async def test_everything_a_contact_is_survives_being_stored(house, abuse) -> None:
    contact = await house.opens("phoneline")
    await house.presses(contact, "safe_to_chat", "no")
    await house.says(contact, "rude", abuse)
    before = await house.state(contact)
    assert before.rung is Rung.BOUNDARY
    assert before.answer("safe_to_chat") == "no"
    assert before.phase is Phase.WITH_BOT
    assert await house.state(contact) == before


async def test_no_place_in_the_queue_is_without_the_notice_of_its_contact(house, immediate) -> None:
    for service in ("missing", "survivors", "phoneline"):
        await house.says(await house.opens(service), "hes here", immediate)
        await house.asks_for_person(await house.opens(service))
    pairs = await house.see(
        lambda s: s.execute(
            select(QueueEntry.contact_id, NoticeRecord.contact_id).join(
                NoticeRecord, NoticeRecord.id == QueueEntry.notice_id
            )
        ).all()
    )
    assert len(pairs) == 6
    assert all(a == b for a, b in pairs)
