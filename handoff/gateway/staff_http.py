"""Staff over HTTP: sign-in, the three rooms, policies to acknowledge, cases to decide, the supervisor's overview."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, TypeAlias, TypeVar
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handoff.desk import cases, moderator, staff, supervisor, views
from handoff.errors import FrontdoorError, NotAllowed, NotFound, PeerError, SignedOut
from handoff.gateway.bodies import small_body
from handoff.gateway.gateway import Gateway
from handoff.gateway.pages import staff_page
from handoff.gateway.words import for_people
from handoff.services.fill import fill
from handoff.store.tables import Staff

Body = TypeVar("Body", bound=BaseModel)

ROOMS = ("advisor", "moderator", "supervisor")
STATUS = {
    "signed_out": 401,
    "not_allowed": 403,
    "not_found": 404,
    "already_claimed": 409,
    "not_now": 422,
    "store_unavailable": 503,
}
MAX_BODY = 16 * 1024  # bytes
CaseId: TypeAlias = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
AlarmId: TypeAlias = Annotated[int, Path(ge=1, lt=2**31)]  # what a column of either database holds


class Acknowledgement(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text_id: int


class Decision(BaseModel):
    model_config = ConfigDict(extra="forbid")
    outcome: Literal["uphold", "overturn", "staff_learning", "rule_fault"]
    reason: Annotated[str, Field(min_length=1, max_length=4_000)]


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """What the app's schema says of a body that is read only once the session is known."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": model.model_json_schema()}}}}


class NameAndPassword(BaseModel):
    name: str
    password: str


_FORM = {"application/x-www-form-urlencoded": {"schema": NameAndPassword.model_json_schema()}}
SIGN_IN = {"requestBody": {"required": True, "content": _FORM}}


def cookie_name(gateway: Gateway) -> str:
    """`__Host-` needs https; a development machine on plain http has none."""
    return "__Host-frontdoor" if gateway.settings.origin.startswith("https:") else "frontdoor"


def problem(error: FrontdoorError) -> JSONResponse:
    code, words, _ = for_people(error)
    return JSONResponse({"code": code, "words": words}, STATUS.get(code, 400 if isinstance(error, PeerError) else 500))


def staff_routes(gateway: Gateway) -> APIRouter:
    """Everything under /staff. Unsafe methods need our exact Origin; every route but sign-in needs a session."""
    router = APIRouter(prefix="/staff")
    desk, office, settings, cookie = gateway.desk, gateway.office, gateway.settings, cookie_name(gateway)

    async def visitor(request: Request) -> Staff | None:
        token = request.cookies.get(cookie)
        return await desk.see(lambda s: staff.who(s, office, token)) if token else None

    async def signed_in(request: Request) -> Staff:
        """For the API. Also the guard against other sites: an unsafe method needs our Origin."""
        me = await visitor(request)
        if me is None:
            raise SignedOut("Please sign in.")
        if request.method != "GET" and not _same_origin(request, settings.origin):
            raise NotAllowed("That came from another page.")
        return me

    Me = Annotated[Staff, Depends(signed_in)]  # noqa: N806 - a type

    @router.get("/sign-in")
    async def sign_in_page() -> HTMLResponse:
        return staff_page("sign-in", settings, wrong=False)

    @router.post("/sign-in", openapi_extra=SIGN_IN)
    async def sign_in(request: Request) -> Response:
        if not _same_origin(request, settings.origin):
            raise NotAllowed("That came from another page.")
        name, password = await _name_and_password(request)
        if not gateway.limits.sign_in(name):
            return staff_page("sign-in", settings, status=429, wrong=True)
        found = await desk.see(lambda s: staff.find(s, name))
        right = await asyncio.to_thread(
            staff.password_fits, found, password
        )  # slow on purpose, so not in a transaction
        if found is None or not right:
            return staff_page("sign-in", settings, status=401, wrong=True)
        token = await desk.do(lambda u: staff.begin_session(u, found.id, hours=settings.sign_in_hours))
        response = RedirectResponse(f"/staff/{found.role}", 303)
        response.set_cookie(
            cookie,
            token,
            max_age=settings.sign_in_hours * 3600,
            path="/",
            secure=cookie.startswith("__Host-"),
            httponly=True,
            samesite="strict",
        )
        return response

    @router.post("/sign-out")
    async def sign_out(request: Request, me: Me) -> Response:
        token = request.cookies[cookie]
        await desk.do(lambda u: staff.end_session(u, token))
        response = RedirectResponse("/staff/sign-in", 303)
        response.delete_cookie(cookie, path="/")
        return response

    @router.get("")
    async def door(request: Request) -> Response:
        me = await visitor(request)
        return RedirectResponse(f"/staff/{me.role}" if me else "/staff/sign-in", 303)

    def room(name: str) -> Callable[[Request], Awaitable[Response]]:
        async def open_room(request: Request) -> Response:
            me = await visitor(request)
            if me is None:
                return RedirectResponse("/staff/sign-in", 303)
            if me.role != name and not (me.role == "supervisor" and name == "advisor"):
                return RedirectResponse(f"/staff/{me.role}", 303)
            return staff_page(name, settings, name=me.name)

        return open_room

    for name in ROOMS:
        router.add_api_route(f"/{name}", room(name), methods=["GET"])

    @router.get("/api/me")
    async def who_am_i(me: Me) -> dict[str, Any]:
        found = await desk.see(lambda s: staff.policies(s, office, me))
        return {
            "id": me.id,
            "name": me.name,
            "role": me.role,
            "may_claim": me.role != "moderator" and all(p.acknowledged for p in found),
            "policies": [
                {
                    "text_id": p.text_id,
                    "service": p.service.id,
                    "kind": p.text.kind,
                    "version": p.text.version,
                    "title": p.text.title,
                    "body": fill(p.text.body, p.service, now=office.clock()),
                    "acknowledged": p.acknowledged,
                }
                for p in found
            ],
        }

    @router.get("/api/colleagues")
    async def colleagues(me: Me) -> list[dict[str, Any]]:
        _only(me, "advisor", "supervisor")
        at_desk = await gateway.presence.at_desk()
        return await desk.see(lambda s: cases.at_their_desks(s, at_desk=at_desk, but=me.id))

    @router.post("/api/acknowledge", openapi_extra=body_of(Acknowledgement))
    async def acknowledge(request: Request, me: Me) -> dict[str, bool]:
        body = await _read(request, Acknowledgement)
        await desk.do(lambda u: staff.acknowledge(u, me, body.text_id))
        return {"ok": True}

    @router.get("/api/cases")
    async def list_cases(me: Me) -> list[dict[str, Any]]:
        _only(me, "moderator", "supervisor")
        return await desk.see(lambda s: cases.cases(s, me))

    @router.get("/api/cases/{case_id}")
    async def read_case(me: Me, case_id: CaseId) -> dict[str, Any]:
        _only(me, "moderator", "supervisor")
        return await desk.do(lambda u: cases.open_case(u, me, case_id))

    @router.post("/api/cases/{case_id}/take")
    async def take_case(me: Me, case_id: CaseId) -> dict[str, bool]:
        await desk.do(lambda u: moderator.take(u, me, case_id))
        return {"ok": True}

    @router.post("/api/cases/{case_id}/decide", openapi_extra=body_of(Decision))
    async def decide_case(request: Request, me: Me, case_id: CaseId) -> dict[str, bool]:
        body = await _read(request, Decision)
        goes_on = await desk.do(lambda u: moderator.decide(u, me, case_id, outcome=body.outcome, reason=body.reason))
        return {"ok": True, "continues": goes_on}

    @router.post("/api/alarms/{alarm_id}/seen")
    async def see_alarm(me: Me, alarm_id: AlarmId) -> dict[str, bool]:
        await desk.do(lambda u: supervisor.see_alarm(u, me, alarm_id))
        return {"ok": True}

    @router.get("/api/overview")
    async def overview(me: Me) -> dict[str, Any]:
        _only(me, "supervisor")
        at_desk = await gateway.presence.at_desk()
        bot = {"state": gateway.bot.state, "since": views.at(gateway.bot_since)}
        return {**await desk.see(lambda s: cases.overview(s, office, at_desk=at_desk)), "bot": bot}

    return router


async def _name_and_password(request: Request) -> tuple[str, str]:
    """The two fields of the sign-in form; empty where they are missing or it is no form of ours."""
    fields = parse_qs((await small_body(request, 4_000)).decode("utf-8", "replace"))
    return fields.get("name", [""])[0].strip(), fields.get("password", [""])[0]


async def _read(request: Request, model: type[Body]) -> Body:
    """A JSON body, read only once the session is known, and never more of it than we need."""
    try:
        return model.model_validate_json(await small_body(request, MAX_BODY))
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False, include_url=False)) from None


def _only(me: Staff, *roles: str) -> None:
    if me.role not in roles:
        raise NotFound("There is no such page for you.")


def _same_origin(request: Request, origin: str) -> bool:
    sent = request.headers.get("origin", "")
    return sent == origin or (bool(sent) and sent == f"{request.url.scheme}://{request.headers.get('host', '')}")
