"""The web application: public pages, two sockets, the staff's routes. Wired in bootstrap.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.websockets import WebSocket

from handoff.desk import person
from handoff.errors import FrontdoorError
from handoff.gateway.bodies import small_body
from handoff.gateway.gateway import Gateway
from handoff.gateway.pages import not_found, public_pages
from handoff.gateway.person_socket import person_socket
from handoff.gateway.staff_http import cookie_name, problem, staff_routes
from handoff.gateway.staff_socket import staff_socket

log = structlog.get_logger()

NOT_HERE = {
    404: ("not_found", "There is no such page here. If anyone is in danger now, call 999."),
    405: ("not_allowed", "That can't be done here."),
}


def make_app(gateway: Gateway) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await gateway.start()
        yield
        await gateway.stop()

    app = FastAPI(title="Frontdoor", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.gateway = gateway
    app.include_router(public_pages(gateway.office.services, gateway.settings))
    app.include_router(staff_routes(gateway))
    cookie = cookie_name(gateway)

    @app.websocket("/ws/person")
    async def ws_person(socket: WebSocket) -> None:
        await person_socket(socket, gateway)

    @app.websocket("/ws/staff")
    async def ws_staff(socket: WebSocket) -> None:
        await staff_socket(socket, gateway, socket.cookies.get(cookie))

    @app.post("/leave", openapi_extra={"requestBody": {"content": {"text/plain": {"schema": {"type": "string"}}}}})
    async def leave(request: Request) -> Response:
        """The beacon of quick exit: the token in the body. Always 204, so that it tells nobody anything."""
        body = await small_body(request, 200)
        token_hash = person.hash_of(body.decode("ascii", "replace").strip())
        try:
            place = await gateway.desk.see(lambda s: person.find(s, token_hash))
            if place is not None:
                await gateway.desk.do(lambda u: person.leave(u, place.contact_id, how="exit"))
        except FrontdoorError as error:
            log.error("leave_failed", kind=type(error).__name__)
        return Response(status_code=204)

    @app.get("/health")
    async def health() -> dict[str, object]:
        """Whether the front door can keep its promises, and whether the bot is there."""
        try:
            await gateway.desk.see(lambda s: None)
            store = "here" if gateway.keeps else "away"
        except FrontdoorError:
            store = "away"
        return {
            "status": "ok" if store == "here" and not gateway.screener.problems else "degraded",
            "store": store,
            "screening": "degraded" if gateway.screener.problems else "here",
            "hints": "here" if gateway.hints.here else "away",  # away: other gateways are heard a little later
            "bot": gateway.bot.state,
        }

    @app.exception_handler(FrontdoorError)
    async def ours(request: Request, error: Exception) -> Response:
        return problem(error if isinstance(error, FrontdoorError) else FrontdoorError())

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: Exception) -> Response:
        return JSONResponse({"code": "malformed", "words": "That request was not understood."}, 422)

    @app.exception_handler(HTTPException)
    async def not_here(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404 and request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return not_found(gateway.office.services, gateway.settings)
        code, words = NOT_HERE.get(error.status_code, ("malformed", "That request was not understood."))
        return JSONResponse({"code": code, "words": words}, error.status_code, headers=error.headers)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        log.error("request_failed", kind=type(error).__name__, route=_route(request))
        return JSONResponse({"code": "error", "words": "Something went wrong here. Please try again."}, 500)

    return app


def _route(request: Request) -> str:
    """The route's pattern, never the address asked for: that may hold anything."""
    return getattr(request.scope.get("route"), "path", "unknown")
