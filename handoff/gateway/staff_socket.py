"""The staff socket: the queue and its alerts out, claims and talk in. One connection, signed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.orm import Session
from starlette.websockets import WebSocket, WebSocketDisconnect

from handoff import frames as f
from handoff.desk import advisor, duty, observe, staff, transfer, views
from handoff.desk.alarms import for_role
from handoff.desk.lease import Lease
from handoff.desk.office import Unit
from handoff.desk.summary import summary
from handoff.errors import FrontdoorError, LeaseLost, SignedOut
from handoff.gateway.gateway import Gateway
from handoff.gateway.line import HELLO_WITHIN_S, Line, from_here
from handoff.hints import BOARD, Subscription
from handoff.store.tables import Staff

POLL_S = 5.0


async def staff_socket(socket: WebSocket, gateway: Gateway, token: str | None) -> None:
    """`token`: of the session cookie. Without a session, or from another origin, there is no socket."""
    me = None
    if token is not None and from_here(socket, gateway.settings.origin):
        try:
            me = await gateway.desk.see(lambda s: staff.who(s, gateway.office, token))
        except FrontdoorError as error:
            await socket.accept()
            await Line(socket, f.staff_frames).fail(error)
            return
    if me is None or token is None:
        await socket.close(1008)
        return
    await socket.accept()
    line = Line(socket, f.staff_frames)
    try:
        if not isinstance(await line.receive(within_s=HELLO_WITHIN_S), f.StaffHello):
            await line.send(f.Bye(code="hello_first", words="The first frame is hello."))
            await line.close(1002)
            return
        await _Desk(gateway, line, me, token).go()
    except WebSocketDisconnect:
        pass
    except Exception as error:
        await line.fail(error)


@dataclass(kw_only=True)
class _Opened:
    """A contact this page is looking at."""

    cursor: int = 0
    summary: f.Summary | None = None
    mark: f.Mark | None = None
    as_asked: bool = False  # because a colleague asks, and as long as they do


class _Desk:
    def __init__(self, gateway: Gateway, line: Line, me: Staff, token: str) -> None:
        self.gateway, self.line, self.me, self.token = gateway, line, me, token
        self.desk, self.office = gateway.desk, gateway.office
        self.opened: dict[str, _Opened] = {}
        self.leases: dict[str, int] = {}
        self.watching = False
        self.last_rows: tuple[f.QueueRow, ...] | None = None
        self.last_alarms: tuple[f.AlarmRow, ...] = ()
        self.last_asked: tuple[f.AskedRow, ...] = ()

    async def go(self) -> None:
        async with self.gateway.presence.room_of(self.me.id):
            with self.gateway.hints.subscribe(BOARD) as changes:
                self.changes = changes
                await self._welcome()
                await self.line.talk(self.gateway.closing, self._read(), self._write(changes))
        await self.line.close(1012 if self.gateway.closing.is_set() else 1000)

    async def _welcome(self) -> None:
        may = await self.desk.see(lambda s: staff.may_claim(s, self.office, self.me))
        await self.line.send(
            f.StaffWelcome.model_validate(
                {
                    "staff": self.me.id,
                    "name": self.me.name,
                    "role": self.me.role,
                    "may_claim": may,
                    "paused": self.me.paused_at is not None,
                }
            )
        )

    # ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _read(self) -> None:
        while True:
            frame = await self.line.receive()
            client_id = getattr(frame, "id", None)
            if not self.gateway.limits.frame(self.me.id):
                await self.line.refuse(client_id, "slow_down", "That was a lot at once.", retry=True)
                continue
            try:
                await self._act(frame)
            except Exception as error:  # nothing a page sends may end anything but itself
                await self.line.refuse_error(client_id, error)

    async def _act(self, frame: Any) -> None:
        match frame:
            case f.Ping():
                await self.line.send(f.Pong())
            case f.Watch():
                self.watching, self.last_rows, self.last_alarms = True, None, ()
                self.last_asked = ()
                self.changes.poke()
            case f.Open(contact=contact, after=after, reason=reason):
                await self._do(lambda u, me: observe.open_contact(u, me, contact, reason=reason))
                asked = await self.desk.see(lambda s: transfer.is_asked(s, contact, self.me.id))
                self._look_at(contact, after, as_asked=asked and not reason)
            case f.Close(contact=contact):
                self._look_away(contact)
            case f.ClaimContact(id=client_id, contact=contact):
                await self._has(client_id, contact, await self._do(lambda u, me: advisor.claim(u, me, contact)))
            case f.Accept(id=client_id, contact=contact):
                await self._has(client_id, contact, await self._do(lambda u, me: transfer.accept(u, me, contact)))
            case f.Pause(id=client_id, on=on):
                await self._do(lambda u, me: duty.pause(u, me, on=on))
                await self.line.send(f.StaffAck(id=client_id))
            case f.Renew(contact=contact, lease_no=lease_no):
                try:
                    await self._do(lambda u, me: advisor.renew(u, me, contact, lease_no=lease_no))
                    self.leases[contact] = lease_no
                except LeaseLost:  # while the line was away, or after a reload: said at once, and by name
                    await self._lose(contact)
            case f.StaffTyping(contact=contact):
                if contact in self.leases:
                    self.gateway.hints.typing(contact, "advisor", but=self.changes)
            case f.StaffGot(contact=contact, seq=seq):
                await self._do(lambda u, me: advisor.got(u, me, contact, seq=seq))
            case f.StaffSeen(contact=contact, seq=seq):
                await self._do(lambda u, me: advisor.seen(u, me, contact, seq=seq))
            case f.StillHere():
                pass  # having been read, it has done its work
            case f.StaffHello():
                await self.line.refuse(None, "out_of_order", "hello is said once, first.")
            case _:
                seq = await self._do(_WRITES[type(frame)](frame))
                await self.line.send(f.StaffAck(id=frame.id, contact=frame.contact, seq=seq))
                gone = isinstance(frame, f.Release) or (isinstance(frame, f.Transfer) and frame.how != "warm")
                if gone or isinstance(frame, f.End):
                    self.leases.pop(frame.contact, None)
                if gone or isinstance(frame, f.TurnDown):
                    self._look_away(frame.contact)

    async def _has(self, client_id: str, contact: str, lease: Lease) -> None:
        """The contact is ours now, and is read from the beginning."""
        self.leases[contact] = lease.lease_no
        self._look_away(contact)  # pressed twice: what is still on its way must not come between
        await self.line.send(
            f.Claimed(id=client_id, contact=contact, lease_no=lease.lease_no, until=views.at(lease.until))
        )
        self._look_at(contact, 0)

    async def _do(self, use_case: Callable[[Unit, Staff], Any]) -> Any:
        """As whoever this session still belongs to: a session that was ended, or a person who left, does nothing."""

        def as_me(unit: Unit) -> Any:
            me = staff.who(unit.session, self.office, self.token)
            if me is None:
                raise SignedOut("You have been signed out. Please sign in again.")
            return use_case(unit, me)

        return await self.desk.do(as_me)

    def _look_at(self, contact: str, after: int, *, as_asked: bool = False) -> None:
        self.opened[contact] = _Opened(cursor=after, as_asked=as_asked)
        self.gateway.hints.join(self.changes, contact)
        self.changes.poke()

    def _look_away(self, contact: str) -> None:
        """Nothing more of this contact. Whoever no longer holds a person hears nothing of what they say next (M8)."""
        self.opened.pop(contact, None)
        self.gateway.hints.leave(self.changes, contact)

    # ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _write(self, changes: Subscription) -> None:
        while True:
            try:
                if await self.desk.see(lambda s: staff.who(s, self.office, self.token)) is None:
                    await self.line.send(f.Bye(code="signed_out", words="You have been signed out."))
                    return
                await self._send_flags(changes)
                await self._send_alarms()
                await self._send_asked()
                await self._send_queue()
                await self._send_lost()
                for contact, opened in list(self.opened.items()):
                    await self._send_contact(contact, opened)
                for contact, who in changes.take_typing():
                    if who == "person" and contact in self.opened:
                        await self.line.send(f.TypingFrom(who="person", contact=contact))
            except FrontdoorError:
                pass  # the store is away: look again
            await changes.changed(POLL_S)

    async def _send_flags(self, changes: Subscription) -> None:
        """An alert for every flag, at once: for everybody who watches, before the queue is drawn anew."""
        for contact, seq in changes.take_flagged().items() if self.watching else ():
            found = await self.desk.see(partial(observe.flag, contact_id=contact, seq=seq))
            if found is not None:
                await self.line.send(found)

    async def _send_alarms(self) -> None:
        rows = for_role(self.gateway.alarms, self.me.role)
        if self.watching and rows != self.last_alarms:
            await self.line.send(f.Alarms(rows=rows))
            self.last_alarms = rows

    async def _send_asked(self) -> None:
        rows = self.gateway.board.asked.get(self.me.id, ())
        if self.watching and rows != self.last_asked:
            await self.line.send(f.Asked(rows=rows))
            self.last_asked = rows

    async def _send_queue(self) -> None:
        if not self.watching:
            return
        holders, decliners, me = self.gateway.board.holders, self.gateway.board.decliners, self.me.id
        rows = tuple(
            row.model_copy(
                update={"mine": holders.get(row.contact) == me, "declined": me in decliners.get(row.contact, ())}
            )
            for row in self.gateway.board.rows
        )
        if rows != self.last_rows:
            await self.line.send(f.Queue(rows=rows))
            self.last_rows = rows

    async def _send_lost(self) -> None:
        if not self.leases:
            return
        kept = await self.desk.see(lambda s: observe.held_by(s, self.me.id))
        for contact, lease_no in list(self.leases.items()):
            if kept.get(contact) != lease_no:
                await self._lose(contact)

    async def _lose(self, contact: str) -> None:
        self.leases.pop(contact, None)
        why = await self.desk.see(partial(observe.why_lost, contact_id=contact))
        if why != "ended":  # what has ended stays open for its wrap-up (M11)
            self._look_away(contact)
        await self.line.send(f.Lost(contact=contact, why=why))

    async def _send_contact(self, contact: str, opened: _Opened) -> None:
        here = contact in self.gateway.presence

        def look(session: Session) -> tuple[list[f.StaffEntry], f.Summary, f.Mark | None] | None:
            if opened.as_asked and not observe.may_go_on_reading(session, self.me, contact):
                return None
            return (
                views.staff_entries(session, self.office, contact, after=opened.cursor, me=self.me.id),
                summary(session, self.office, contact, here=here),
                views.mark(session, contact, party="person"),
            )

        while (seen := await self.desk.see(look)) is not None and seen[0]:
            for entry in seen[0]:
                if self.opened.get(contact) is not opened:
                    return
                await self.line.send(entry)
                opened.cursor = entry.entry.seq
        if self.opened.get(contact) is not opened:
            return  # looked away meanwhile, or it is read anew from the beginning
        if seen is None:  # in the very look that would have shown more (M8)
            self._look_away(contact)
            await self.line.send(f.Lost(contact=contact, why="asked"))
            return
        _, now, mark = seen
        if now != opened.summary:
            await self.line.send(now)
            opened.summary = now
        if mark is not None and mark != opened.mark:
            await self.line.send(mark.model_copy(update={"contact": contact}))
            opened.mark = mark


_Write = Callable[[Unit, Staff], int | None]

_WRITES: dict[type, Callable[[Any], _Write]] = {
    f.Decline: lambda fr: lambda u, me: duty.decline(u, me, fr.contact),
    f.StaffSay: lambda fr: (
        lambda u, me: advisor.say(u, me, fr.contact, lease_no=fr.lease_no, client_id=fr.id, text=fr.text)
    ),
    f.WriteNote: lambda fr: (
        lambda u, me: advisor.note(u, me, fr.contact, lease_no=fr.lease_no, client_id=fr.id, text=fr.text)
    ),
    f.Transfer: lambda fr: (
        lambda u, me: transfer.hand_on(u, me, fr.contact, lease_no=fr.lease_no, how=fr.how, to=fr.to, reason=fr.reason)
    ),
    f.Consult: lambda fr: lambda u, me: transfer.consult(u, me, fr.contact, lease_no=fr.lease_no, to=fr.to),
    f.Withdraw: lambda fr: lambda u, me: transfer.withdraw(u, me, fr.contact, lease_no=fr.lease_no, to=fr.to),
    f.TurnDown: lambda fr: lambda u, me: transfer.turn_down(u, me, fr.contact),
    f.Warn: lambda fr: lambda u, me: advisor.warn(u, me, fr.contact, lease_no=fr.lease_no),
    f.CloseFlag: lambda fr: lambda u, me: advisor.close_flag(u, me, fr.contact, lease_no=fr.lease_no),
    f.Release: lambda fr: lambda u, me: advisor.release(u, me, fr.contact, lease_no=fr.lease_no),
    f.End: lambda fr: lambda u, me: advisor.end(u, me, fr.contact, lease_no=fr.lease_no, reason=fr.reason, why=fr.why),
    f.WrapUp: lambda fr: lambda u, me: advisor.wrap_up(u, me, fr.contact, client_id=fr.id, text=fr.text),
}
