"""The person's socket: hello, then words and presses in, entries and state out.

Reading and writing are two tasks. What is read is acted on in order and acknowledged after the commit; what is written
follows a cursor in the database, so that a slow reader never grows anything here (promise 4).
"""

from __future__ import annotations

from starlette.websockets import WebSocket, WebSocketDisconnect

from handoff import frames as f
from handoff.desk import marks, person, views
from handoff.errors import FrontdoorError, NotFound, PeerError
from handoff.gateway.gateway import Gateway
from handoff.gateway.line import HELLO_WITHIN_S, Line, from_here, soon
from handoff.hints import Subscription

POLL_S = 5.0  # the slow look at the database behind the hints


async def person_socket(socket: WebSocket, gateway: Gateway) -> None:
    """One connection of one page, from hello to goodbye."""
    if not from_here(socket, gateway.settings.origin):
        await socket.close(1008)
        return
    await socket.accept()
    line = Line(socket, f.person_frames)
    try:
        hello = await line.receive(within_s=HELLO_WITHIN_S)
        if not isinstance(hello, f.Hello):
            await line.send(f.Bye(code="hello_first", words="The first frame is hello."))
            await line.close(1002)
            return
        await _Talk(gateway, line, hello).go()
    except WebSocketDisconnect:
        pass
    except Exception as error:  # never a bare close: the page is told, and comes back
        await line.fail(error)


class _Talk:
    def __init__(self, gateway: Gateway, line: Line, hello: f.Hello) -> None:
        self.gateway, self.line, self.hello = gateway, line, hello
        self.desk = gateway.desk
        self.token_hash = person.hash_of(hello.token)
        self.contact_id = ""
        self.cursor = 0

    async def go(self) -> None:
        place = await self._open()
        if place is None:
            return
        self.contact_id = place.contact_id
        gap = await self._begin(place)
        await self.line.send(f.Welcome(contact=place.contact_id, head=place.head, gap=gap, continues=place.continues))
        async with self.gateway.presence.page_of(self.contact_id) as connected:
            with self.gateway.hints.subscribe(self.contact_id) as changes:
                talk = self.line.talk(self.gateway.closing, self._read(changes), self._write(changes))
                connected.closed = await talk
        await self.line.close(1012 if self.gateway.closing.is_set() else 1000)

    async def _begin(self, place: person.Place) -> bool:
        """Set the cursor to what the page has. True: what should come next is gone, or what it has is not ours."""
        after = self.hello.after if self.hello.contact in (None, place.contact_id) else 0
        if after > place.head:  # the record was put back to an earlier state: its numbers mean other entries now
            return True
        self.cursor = after
        first = await self.desk.see(lambda s: views.first_after(s, place.contact_id, after))
        return place.head > after and first != after + 1

    async def _open(self) -> person.Place | None:
        hello = self.hello
        try:
            if hello.service not in self.gateway.office.services:
                raise NotFound("There is no such service here. Please go back to the page you came from.")
            known = await self.desk.see(lambda s: person.find(s, self.token_hash))
            if known is None and not self.gateway.limits.opened():
                await self.line.send(f.Bye(code="busy", words="Many people are here just now.", retry_after=soon(3.0)))
                await self.line.close(1013)
                return None
            return await self.desk.do(
                lambda u: person.open_contact(u, service=hello.service, lang=hello.lang, token_hash=self.token_hash)
            )
        except PeerError as error:
            await self.line.send(f.Bye(code=error.code, words=str(error)))
            await self.line.close(1008)
            return None

    # ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _read(self, changes: Subscription) -> None:
        while True:
            frame = await self.line.receive()
            client_id = getattr(frame, "id", None)
            if not self.gateway.limits.frame(self.contact_id):
                await self.line.refuse(
                    client_id, "slow_down", "That was a lot at once. Please wait a moment.", retry=True
                )
                continue
            try:
                if await self._act(frame, changes):
                    return
            except Exception as error:  # nothing a page sends may end anything but itself
                await self.line.refuse_error(client_id, error)

    async def _act(self, frame: object, changes: Subscription) -> bool:
        """Do what one frame asks. True when the page has left."""
        me, do = self.contact_id, self.desk.do
        match frame:
            case f.Say(id=client_id, text=text):
                known = await self.desk.see(lambda s: person.known(s, me, client_id))
                if known is not None:  # said again after a break: that is not "a lot at once"
                    await self.line.send(f.Ack(id=client_id, seq=known))
                    return False
                if not self.gateway.limits.words(me, client_id):
                    await self.line.refuse(
                        client_id, "slow_down", "That was a lot at once. Please wait a moment.", retry=True
                    )
                    return False
                verdict = await self.gateway.screen(me, self.hello.service, text)
                seq = await do(lambda u: person.say(u, me, client_id=client_id, text=text, verdict=verdict))
                await self.line.send(f.Ack(id=client_id, seq=seq))
            case f.ChooseOption(id=client_id, card_seq=card_seq, option=option):
                seq = await do(lambda u: person.choose(u, me, client_id=client_id, card_seq=card_seq, option=option))
                await self.line.send(f.Ack(id=client_id, seq=seq))
            case f.AskPerson(id=client_id):
                seq = await do(lambda u: person.ask_for_person(u, me, client_id=client_id))
                await self.line.send(f.Ack(id=client_id, seq=seq))
            case f.Complain(id=client_id, text=text):
                verdict = await self.gateway.screen(me, self.hello.service, text)
                seq = await do(lambda u: person.complain(u, me, client_id=client_id, text=text, verdict=verdict))
                await self.line.send(f.Ack(id=client_id, seq=seq))
            case f.Shown(seq=seq):
                await do(lambda u: person.shown(u, me, seq=seq))
            case f.Got(seq=seq):
                await do(lambda u: marks.got(u, me, "person", seq=seq))
            case f.Seen(seq=seq):
                await do(lambda u: person.seen(u, me, seq=seq))
            case f.Typing():
                self.gateway.hints.typing(me, "person", but=changes)
            case f.Leave(how=how):
                await do(lambda u: person.leave(u, me, how=how))
                return how == "exit"
            case f.Ping():
                await self.line.send(f.Pong())
            case f.StillHere():
                pass  # having been read, it has done its work
            case f.Hello():
                await self.line.refuse(None, "out_of_order", "hello is said once, first.")
        return False

    # ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _write(self, changes: Subscription) -> None:
        last_state: f.State | None = None
        last_mark: f.Mark | None = None
        while True:
            try:
                place = await self.desk.see(lambda s: person.find(s, self.token_hash))
                if place is None:
                    await self.line.send(f.Bye(code="left", words="This chat was closed on this page."))
                    return
                if place.contact_id != self.contact_id:
                    await self._continue(place)
                    return
                await self._send_entries()
                state = await self._state()
                if state is not None and state != last_state:
                    await self.line.send(state)
                    last_state = state
                mark = await self.desk.see(lambda s: views.mark(s, self.contact_id, party="staff"))
                if mark is not None and mark != last_mark:
                    await self.line.send(mark)
                    last_mark = mark
                if changes.take_typing() and state is not None and state.advisor is not None:
                    await self.line.send(f.TypingFrom(who="advisor"))
            except FrontdoorError:
                pass  # the store is away: look again; nothing has been acknowledged meanwhile
            await changes.changed(POLL_S)

    async def _send_entries(self) -> None:
        office, me = self.gateway.office, self.contact_id
        while page := await self.desk.see(lambda s: views.entries(s, office, me, after=self.cursor)):
            for entry in page:
                await self.line.send(entry)
                self.cursor = entry.seq

    async def _state(self) -> f.State | None:
        place = self.gateway.board.places.get(self.contact_id)
        return await self.desk.see(
            lambda s: views.person_state(
                s,
                self.gateway.office,
                self.contact_id,
                bot_here=self.gateway.bot.here,
                position=place.position if place else None,
                wait_min=place.wait_min if place else None,
                staffed=self.gateway.board.staffed,
            )
        )

    async def _continue(self, place: person.Place) -> None:
        """An ending was overturned: the page is told, and starts on the contact that continues (promise 12)."""
        await self.line.send(f.Welcome(contact=place.contact_id, head=place.head, continues=True))
        await self.line.send(f.Bye(code="continues", words="A person looked at how the chat ended.", retry_after=0.0))
