"""Who may do what: every route, and every frame of both sockets, for every kind of person, in tables one can read.

The tables are held against the real app; what the app has and a table has not fails, and the other way round. A cell
says how the front door answers:

    ok         it is done, to the contact (or case) in question
    own        it is done, to what is one's own; the contact in question is as it was
    -          nothing is answered, and nothing has happened
    200, 303…  the status of a page or route; `403` of a frame: the socket does not open. Done to the contact: `204!`
    lead       a page leads elsewhere: to `sign-in`, or to one's own room
    lost       told at once that one does not hold it
    a code     refused by this code of docs/protocol.md, and every row of the contact is as it was

The person's own device and that of a person in another contact, as anybody else's, have no session: what opens their
contact is the token in their page. Signed-in staff at the public socket are as anybody else there.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import typing
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi.routing import APIWebSocketRoute
from sqlalchemy import bindparam, delete, select, update
from websockets.exceptions import ConnectionClosed, InvalidStatus

from handoff import frames as f
from handoff.desk import advisor, moderator, person, staff, transfer, views
from handoff.store.tables import Alarm, Base, Declined, ModerationCase, PolicyText, QueueEntry, Staff, StaffAck
from handoff.verdict import Risk, Verdict

WHO = ("nobody", "person", "other", "holder", "advisor", "consulted", "unread", "moderator", "supervisor")
STAFF = WHO[3:]
# person      of the contact in question          advisor    who does not hold it
# other       a person, of another contact        consulted  a colleague who is asked about it
# holder      the advisor who holds it            unread     an advisor who has not acknowledged the policies (R13)

ROUTES = """
                                          nobody  person  other   holder  advisor consulted unread moderator supervisor
GET /                                       200     200     200     200     200     200     200     200     200
GET /sample/{service_id}                    200     200     200     200     200     200     200     200     200
GET /chat/{service_id}                      200     200     200     200     200     200     200     200     200
GET /embed/{service_id}                     200     200     200     200     200     200     200     200     200
GET /policy/{service_id}                    200     200     200     200     200     200     200     200     200
GET /policy/{service_id}/{kind}/{version}   200     200     200     200     200     200     200     200     200
GET /web/{name:path}                        200     200     200     200     200     200     200     200     200
POST /leave                                 204     204!    204     204     204     204     204     204     204
GET /health                                 200     200     200     200     200     200     200     200     200
GET /staff                                  sign-in sign-in sign-in advisor advisor advisor advisor moderator supervisor
GET /staff/sign-in                          200     200     200     200     200     200     200     200     200
POST /staff/sign-in                         401     401     401     401     401     401     401     401     401
POST /staff/sign-out                        401     401     401     sign-in sign-in sign-in sign-in sign-in sign-in
GET /staff/advisor                          sign-in sign-in sign-in 200     200     200     200     moderator 200
GET /staff/moderator                        sign-in sign-in sign-in advisor advisor advisor advisor 200     supervisor
GET /staff/supervisor                       sign-in sign-in sign-in advisor advisor advisor advisor moderator 200
GET /staff/api/me                           401     401     401     200     200     200     200     200     200
GET /staff/api/colleagues                   401     401     401     200     200     200     200     404     200
POST /staff/api/acknowledge                 401     401     401     200     200     200     200     200     200
GET /staff/api/cases                        401     401     401     404     404     404     404     200     200
GET /staff/api/cases/{case_id}              401     401     401     404     404     404     404     200     200
POST /staff/api/cases/{case_id}/take        401     401     401     403     403     403     403     200!    403
POST /staff/api/cases/{case_id}/decide      401     401     401     403     403     403     403     200!    403
POST /staff/api/alarms/{alarm_id}/seen      401     401     401     403     403     403     403     403     200!
GET /staff/api/overview                     401     401     401     404     404     404     404     404     200
"""

PERSON_FRAMES = """
            nobody      person      other       holder      advisor     consulted   unread      moderator   supervisor
hello       own         ok          own         own         own         own         own         own         own
say         hello_first ok          own         hello_first hello_first hello_first hello_first hello_first hello_first
choose      hello_first ok          own         hello_first hello_first hello_first hello_first hello_first hello_first
person      hello_first ok          own         hello_first hello_first hello_first hello_first hello_first hello_first
shown       hello_first ok          own         hello_first hello_first hello_first hello_first hello_first hello_first
got         hello_first ok          own         hello_first hello_first hello_first hello_first hello_first hello_first
seen        hello_first ok          own         hello_first hello_first hello_first hello_first hello_first hello_first
typing      hello_first ok          own         hello_first hello_first hello_first hello_first hello_first hello_first
complain    hello_first ok          own         hello_first hello_first hello_first hello_first hello_first hello_first
leave       hello_first ok          own         hello_first hello_first hello_first hello_first hello_first hello_first
ping        hello_first own         own         hello_first hello_first hello_first hello_first hello_first hello_first
pong        hello_first -           own         hello_first hello_first hello_first hello_first hello_first hello_first
"""

# The number said is always the right one: nobody is refused for having guessed a wrong one.
STAFF_FRAMES = """
                    nobody person other  holder      advisor     consulted   unread      moderator   supervisor
hello               403    403    403    own         own         own         own         own         own
watch               403    403    403    own         own         own         own         own         own
open                403    403    403    ok          not_allowed ok          not_allowed not_allowed not_now
open, with a reason 403    403    403    ok          not_allowed ok          not_allowed not_allowed ok
close               403    403    403    -           -           -           -           -           -
claim               403    403    403    ok          ok          ok          not_allowed not_allowed ok
decline             403    403    403    ok          ok          ok          not_allowed not_allowed ok
pause               403    403    403    own         own         own         own         own         own
renew               403    403    403    ok          lost        lost        lost        lost        lost
say                 403    403    403    ok          lease_lost  lease_lost  lease_lost  lease_lost  lease_lost
note                403    403    403    ok          lease_lost  lease_lost  lease_lost  lease_lost  lease_lost
note, when asked    403    403    403    lease_lost  lease_lost  ok          lease_lost  lease_lost  lease_lost
transfer            403    403    403    ok          lease_lost  lease_lost  lease_lost  lease_lost  lease_lost
consult             403    403    403    ok          lease_lost  lease_lost  lease_lost  lease_lost  lease_lost
withdraw            403    403    403    ok          lease_lost  lease_lost  lease_lost  lease_lost  lease_lost
accept              403    403    403    not_found   not_found   ok          not_allowed not_allowed not_found
turn_down           403    403    403    not_found   not_found   ok          not_found   not_found   not_found
warn                403    403    403    ok          lease_lost  lease_lost  lease_lost  lease_lost  lease_lost
flag                403    403    403    ok          lease_lost  lease_lost  lease_lost  lease_lost  lease_lost
release             403    403    403    ok          lease_lost  lease_lost  lease_lost  lease_lost  lease_lost
end                 403    403    403    ok          lease_lost  lease_lost  lease_lost  lease_lost  lease_lost
wrap_up             403    403    403    ok          not_allowed not_allowed not_allowed not_allowed not_allowed
typing              403    403    403    ok          -           -           -           -           -
got                 403    403    403    ok          -           -           -           -           -
seen                403    403    403    ok          -           -           -           -           -
ping                403    403    403    own         own         own         own         own         own
pong                403    403    403    -           -           -           -           -           -
"""


def cells(table: str) -> dict[str, dict[str, str]]:
    """Row → who → what is right. Every row says something of everybody."""
    heading, *lines = table.strip("\n").splitlines()
    assert tuple(heading.split()) == WHO
    rows: dict[str, dict[str, str]] = {}
    for line in lines:
        words = line.split()
        name = " ".join(words[: -len(WHO)])
        assert name not in rows, f"{name} stands there twice"
        rows[name] = dict(zip(WHO, words[-len(WHO) :], strict=True))
    return rows


# ── the situation ────────────────────────────────────────────────────────────────────────────────────────────────────

UNSURE = Verdict(uncertain=True, reason="for a test")  # to a person, and the bot is not asked
GRAVE = Verdict(risk=Risk.CONCERN, risk_categories=frozenset({"violence"}))  # in a complaint: an alarm
LONG = 30.0  # seconds after which a test has hung
FAR = datetime(2100, 1, 1, tzinfo=UTC)
COMES_AND_GOES = {"last_seen", "left_how", "back_at"}  # of the contact's row: whether a page of it is open just now


def _rows_of_a_contact() -> Iterator[tuple[str, Any]]:
    """Table → its rows of contact `:c`."""
    for table in Base.metadata.sorted_tables:
        key = table.c.id if table.name == "contact" else table.c.get("contact_id")
        if key is not None and table.name != "page":
            columns = [column for column in table.c if column.name not in COMES_AND_GOES]
            yield table.name, select(*columns).where(key == bindparam("c"))
    left = select(Declined.staff_id).join(QueueEntry, QueueEntry.id == Declined.place_id)
    yield "declined", left.where(QueueEntry.contact_id == bindparam("c"))


_ROWS = tuple(_rows_of_a_contact())


class Scene:
    """One contact in question, and everybody around it. What came before is made by use cases; then a real front door
    is asked."""

    def __init__(self, door: Any) -> None:
        self.door, self.desk = door, door.opened.desk
        self.loop = next(iter(door.gateway._tasks)).get_loop()  # hints reach sockets from their own loop alone
        self.sessions = {who: self.signs_in(who) for who in STAFF}
        self.ids = {who: self.whose(session) for who, session in self.sessions.items()}
        unread = delete(StaffAck).where(StaffAck.staff_id == self.ids["unread"])
        door.in_store(lambda s: s.execute(unread))
        self.other_token = secrets.token_urlsafe(32)
        self.contact = ""
        self.lines: dict[str, Any] = {}
        self.browsers: dict[str, httpx.Client] = {who: door.http(self.sessions.get(who)) for who in WHO}

    def do(self, use_case: Callable[[Any], Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(self.desk.do(use_case), self.loop).result(LONG)

    def look(self, view: Callable[[Any], Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(self.desk.see(view), self.loop).result(LONG)

    def signs_in(self, who: str) -> str:
        return str(self.door.session(who if who in ("moderator", "supervisor") else "advisor"))

    def whose(self, session: str) -> str:
        return str(self.look(lambda s: staff.who(s, self.desk.office, session).id))

    def as_staff(self, who: str, work: Callable[[Any, Staff], Any]) -> None:
        self.do(lambda u: work(u, u.session.get_one(Staff, self.ids[who])))

    def anew(self, state: str) -> dict[str, Any]:
        """Another contact: `waiting`, `held` (and a colleague asked), `offered` to that one, `ended` for abuse, or
        `taken`, its case by the moderator. Gives every row of it."""
        gone = update(QueueEntry).where(QueueEntry.contact_id == self.contact, QueueEntry.state != "closed")
        self.door.in_store(lambda s: s.execute(gone.values(state="closed")))  # nobody's hands get full
        self.words = f"said to one person only: {secrets.token_hex(8)}"
        self.token, self.case, self.alarm = secrets.token_urlsafe(32), "none", 1
        opens = {"service": "survivors", "lang": "en", "token_hash": person.hash_of(self.token)}
        self.contact = c = self.do(lambda u: person.open_contact(u, **opens)).contact_id
        self.do(lambda u: person.say(u, c, client_id="a", text=self.words, verdict=UNSURE))
        self.do(lambda u: person.complain(u, c, client_id="b", text=self.words, verdict=GRAVE))
        self.alarm = self.look(lambda s: s.scalars(select(Alarm.id).where(Alarm.contact_id == c)).one())
        entries = self.look(lambda s: views.entries(s, self.desk.office, c, after=0))
        self.card_seq = next(e.seq for e in entries if e.card and e.card.name == "safe_to_chat")
        if state != "waiting":
            self._is_held(state)
        return self.rows()

    def _is_held(self, state: str) -> None:
        c, to = self.contact, self.ids["consulted"]
        self.as_staff("holder", lambda u, me: advisor.claim(u, me, c))
        self.as_staff("holder", lambda u, me: advisor.close_flag(u, me, c, lease_no=1))
        if state == "offered":
            offer = {"lease_no": 1, "how": "warm", "to": to, "reason": "language"}
            self.as_staff("holder", lambda u, me: transfer.hand_on(u, me, c, **offer))
        else:
            self.as_staff("holder", lambda u, me: transfer.consult(u, me, c, lease_no=1, to=to))
        no_end = update(QueueEntry).where(QueueEntry.contact_id == c).values(lease_until=FAR)
        self.door.in_store(lambda s: s.execute(no_end))
        if state in ("ended", "taken"):
            self.as_staff("holder", lambda u, me: advisor.end(u, me, c, lease_no=1, reason="abuse", why="rude"))
            of_this = select(ModerationCase.id).where(ModerationCase.contact_id == c)
            self.case = self.look(lambda s: s.scalars(of_this).one())
        if state == "taken":
            self.as_staff("moderator", lambda u, me: moderator.take(u, me, self.case))

    def rows(self) -> dict[str, Any]:
        """Everything there is of the contact in question, but for whether a page of it is open."""

        return self.look(lambda s: {name: set(map(tuple, s.execute(q, {"c": self.contact}))) for name, q in _ROWS})

    def line(self, who: str) -> Any:
        """The staff socket of this member of staff, open from row to row; again where it was silent for too long."""
        try:
            self.lines[who].alive()
        except (KeyError, ConnectionClosed):
            self.lines[who] = self.door.desk(session=self.sessions[who])
        return self.lines[who]


@pytest.fixture(scope="module")
def scene(door) -> Iterator[Scene]:
    scene = Scene(door)
    yield scene
    scene.anew("waiting")
    scene.do(lambda u: person.leave(u, scene.contact, how="end"))
    for who in list(scene.lines):
        scene.line(who).line.close()  # once it is read: a line with frames that nobody read closes slowly
    for browser in scene.browsers.values():
        browser.close()


def answered(scene: Scene, state: str, row: dict[str, str], ask: Callable[[str], str]) -> dict[str, str]:
    """What everybody was answered. Whoever may do nothing comes first, to the very same contact; after each it is as it
    was. `ask` gives what was answered, or nothing where it was done."""
    found = {}
    before = scene.anew(state)
    for who in sorted(WHO, key=lambda who: row[who] == "ok" or row[who].endswith("!")):
        said, after = ask(who), scene.rows()
        changed = after != before
        found[who] = (said + "!" if said.isdigit() else said or "ok") if changed else said or "-"
        if changed:
            before = scene.anew(state)
    return found


# ── routes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

TAKEN, ENDED = "taken", "ended"
STATE_OF_ROUTE = {"POST /staff/api/cases/{case_id}/decide": TAKEN, "POST /leave": "waiting"}


@pytest.mark.parametrize("row", cells(ROUTES))
def test_every_route_answers_everybody_as_the_table_says(door, scene: Scene, row: str):
    method, path = row.split()

    def ask(who: str) -> str:
        ends = row == "POST /staff/sign-out" and who in STAFF
        places = {
            "service_id": "survivors", "kind": "notice", "version": 1, "name:path": "chat/chat.js",
            "case_id": scene.case, "alarm_id": scene.alarm,
        }  # fmt: skip
        address = path
        for name, value in places.items():
            address = address.replace(f"{{{name}}}", str(value))
        tokens = {"person": scene.token, "other": scene.other_token}
        a_policy = scene.look(lambda s: s.scalars(select(PolicyText.id).where(PolicyText.kind == "notice")).first())
        body: dict[str, Any] = {
            "/leave": {"content": tokens.get(who, "")},
            "/staff/sign-in": {"data": {"name": "Test Advisor", "password": "no password of anybody"}},
            "/staff/api/acknowledge": {"json": {"text_id": a_policy}},
            "/staff/api/cases/{case_id}/decide": {"json": {"outcome": "uphold", "reason": "it was fair"}},
        }.get(path, {})
        http = scene.browsers[who] if not ends else door.http(scene.signs_in(who))
        answer: httpx.Response = http.request(method, address, headers={"Origin": door.origin}, **body)
        if ends:
            http.close()
        if answer.status_code >= 400 and path != "/staff/sign-in":
            assert set(answer.json()) == {"code", "words"}
            assert scene.words not in answer.text
        if answer.status_code == 303:
            return answer.headers["location"].rsplit("/", 1)[-1]
        return str(answer.status_code)

    right = cells(ROUTES)[row]
    assert answered(scene, STATE_OF_ROUTE.get(row, ENDED), right, ask) == right


def every_route(routes: list[Any]) -> Iterator[Any]:
    """Also those of routers that are included, which stand in the app as one."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            assert not route.include_context.prefix
            yield from every_route(inner.routes)


def test_every_route_there_is_stands_in_the_table(door):
    routes = list(every_route(door.app.routes))
    sockets = {route.path for route in routes if isinstance(route, APIWebSocketRoute)}
    here = {f"{method} {route.path}" for route in routes if route.path not in sockets for method in route.methods}
    assert here == set(cells(ROUTES))
    assert sockets == {"/ws/person", "/ws/staff"}


# ── frames ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def kinds(union: Any) -> set[str]:
    return {kind.model_fields["t"].default for kind in typing.get_args(typing.get_args(union)[0])}


def first_words(table: str) -> set[str]:
    return {row.split(",")[0] for row in cells(table)}


def test_every_frame_of_both_sockets_stands_in_its_table():
    assert kinds(f.PersonFrame) == first_words(PERSON_FRAMES)
    assert kinds(f.StaffFrame) == first_words(STAFF_FRAMES)


def heard(line: Any, scene: Scene, frame: dict[str, Any]) -> list[dict[str, Any]]:
    """What came between this frame and the pong that follows it."""
    since = len(line.seen)
    line.send(**frame)
    line.until("pong") if frame["t"] == "ping" else line.alive()
    if frame["t"] == "open" and not [said for said in line.seen[since:] if said["t"] == "refused"]:
        line.until("summary", contact=scene.contact)
    if frame["t"] == "watch":
        line.until("queue")
    return list(line.seen[since:])


def in_one_word(frame: dict[str, Any], said: list[dict[str, Any]], typing_heard: bool) -> str:
    """The code of a refusal; or nothing, where what is in the database has to tell."""
    for each in said:
        if each["t"] in ("refused", "bye"):
            return str(each["code"])
        if each["t"] == "lost" and frame["t"] == "renew":
            return "lost"
    if typing_heard or frame["t"] == "open":
        return "ok"
    return "own" if frame["t"] in ("hello", "watch", "pause", "ping") else ""


# ── the person's socket ──────────────────────────────────────────────────────────────────────────────────────────────


def person_frame(row: str, scene: Scene, token: str) -> dict[str, Any]:
    more: dict[str, dict[str, Any]] = {
        "hello": {"v": 1, "service": "survivors", "token": token, "contact": scene.contact, "after": 0},
        "say": {"id": "f", "text": "hello"},
        "choose": {"id": "f", "card_seq": scene.card_seq, "option": "yes"},
        "person": {"id": "f"},
        "shown": {"seq": 1},
        "got": {"seq": 1},
        "seen": {"seq": 1},
        "complain": {"id": "f", "text": "a complaint"},
        "leave": {"how": "end"},
    }
    return {"t": row, **more.get(row, {})}


@pytest.mark.parametrize("row", cells(PERSON_FRAMES))
def test_every_frame_of_the_public_socket_does_something_to_one_s_own_contact_alone(door, scene: Scene, row: str):
    def ask(who: str) -> str:
        token = {"person": scene.token, "other": scene.other_token}.get(who)
        cookie = {"Cookie": f"frontdoor={scene.sessions[who]}"} if who in STAFF else {}
        frame = person_frame(row, scene, token or secrets.token_urlsafe(32))
        with door.page_on(door.line(**cookie)) as page, scene.desk.hints.subscribe(scene.contact) as listening:
            if row == "hello" or token is None:
                page.send(**frame)
                said = page.until("welcome", "bye")
                if said["t"] == "welcome":
                    page.until("entry", seq=said["head"])
                    assert (scene.words in json.dumps(page.seen)) is (said["contact"] == scene.contact)
                    return "ok" if said["contact"] == scene.contact else "own"
                return str(said["code"])
            page.send(t="hello", v=1, service="survivors", token=token)
            own = page.until("welcome")["contact"]
            page.alive()
            said = heard(page, scene, frame)
            word = in_one_word(frame, [s for s in said if s["t"] == "refused"], bool(listening.take_typing()))
            if own == scene.contact:
                return word
            assert scene.words not in json.dumps(page.seen)
            return word if word not in ("", "not_found") else "own"

    right = cells(PERSON_FRAMES)[row]
    assert answered(scene, "waiting", right, ask) == right


# ── the staff's socket ───────────────────────────────────────────────────────────────────────────────────────────────

STATE = {"claim": "waiting", "decline": "waiting", "accept": "offered", "wrap_up": "ended"}


def staff_frame(row: str, scene: Scene) -> dict[str, Any]:
    to = scene.ids["consulted" if row == "withdraw" else "supervisor"]
    held = {"id": secrets.token_hex(4), "contact": scene.contact, "lease_no": 1}
    named = {"id": secrets.token_hex(4), "contact": scene.contact}
    looked = {"contact": scene.contact}
    return {
        "t": row.split(",")[0],
        **{
            "hello": {"v": 1}, "watch": {}, "ping": {}, "open": looked, "close": looked, "typing": looked,
            "open, with a reason": {**looked, "reason": "quality, as agreed"}, "seen": {**looked, "seq": 1},
            "pong": {}, "got": {**looked, "seq": 1},
            "claim": named, "decline": named, "accept": named, "turn_down": named,
            "wrap_up": {**named, "text": "what was agreed"},
            "pause": {"id": secrets.token_hex(4), "on": False},
            "renew": {**looked, "lease_no": 1},
            "say": {**held, "text": "hello"}, "note": {**held, "text": "a note"},
            "note, when asked": {**held, "lease_no": None, "text": "a note"},
            "transfer": {**held, "how": "queue", "reason": "language"},
            "consult": {**held, "to": to}, "withdraw": {**held, "to": to},
            "warn": held, "flag": {**held, "close": True}, "release": held,
            "end": {**held, "reason": "done", "why": ""},
        }[row],
    }  # fmt: skip


@pytest.mark.parametrize("row", cells(STAFF_FRAMES))
def test_every_frame_of_the_staff_socket_answers_everybody_as_the_table_says(door, scene: Scene, row: str):
    right = cells(STAFF_FRAMES)[row]

    def ask(who: str) -> str:
        if who not in STAFF:
            with pytest.raises(InvalidStatus) as refused:
                door.line("/ws/staff")
            return str(refused.value.response.status_code)
        frame = staff_frame(row, scene)
        if row == "hello":
            with door.desk(session=scene.sessions[who]) as page:
                assert page.seen[0]["staff"] == scene.ids[who]
            return "own"
        line = scene.line(who)
        if row == "typing":  # as a page that holds them does, before anything else
            heard(line, scene, staff_frame("renew", scene))
        with scene.desk.hints.subscribe(scene.contact) as listening:
            said = heard(line, scene, frame)
            word = in_one_word(frame, said, bool(listening.take_typing()))
        assert right[who] == "ok" or scene.words not in json.dumps(said)
        line.send(t="close", contact=scene.contact)
        return word

    assert answered(scene, STATE.get(row, "held"), right, ask) == right


@pytest.mark.parametrize("kind", sorted(kinds(f.PersonFrame) ^ kinds(f.StaffFrame)))
def test_a_frame_of_the_other_socket_is_unknown_there(door, scene: Scene, kind: str):
    before = scene.anew("held")
    if kind in kinds(f.PersonFrame):
        said = heard(scene.line("holder"), scene, person_frame(kind, scene, scene.token))
    else:
        with door.page_on(door.line()) as page:
            page.send(t="hello", v=1, service="survivors", token=scene.token)
            page.until("welcome")
            page.alive()
            said = (
                heard(page, scene, staff_frame(kind, scene)) if kind not in ("open", "watch") else unknown(page, kind)
            )
    assert [s["code"] for s in said if s["t"] == "refused"] == ["unknown"]
    assert scene.rows() == before


def unknown(page: Any, kind: str) -> list[dict[str, Any]]:
    page.send(t=kind)
    page.alive()
    return [s for s in page.seen if s["t"] == "refused"]
