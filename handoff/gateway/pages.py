"""The pages a person can open: front door, sample page, chat, policies, and the files they are made of.

No database, no session, no cookie and no third-party request (R3). Every page works before any script runs.
Staff rooms share the same templates and headers: see `staff_page`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from handoff.cards import POLICY_CARDS
from handoff.frames import MAX_WORDS
from handoff.services.fill import fill
from handoff.services.model import DirectoryEntry, Service, Text
from handoff.settings import Settings

WEB = Path(__file__).parent.parent / "web"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
URGENT_TOPICS = ("urgent", "emergency")  # directory topics shown under *urgent help*
POLICY_TITLES = {"code_of_contact": "Our code of contact", "notice": "What happens to what you tell us"}

# R3: nothing of the device is asked for, and no other party hears of the visit.
EVERY_FEATURE_OFF = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "fullscreen",
        "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi",
        "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip


def page_headers(settings: Settings, *, ancestors: Iterable[str] = ()) -> dict[str, str]:
    """The headers of every page. `ancestors`: the origins that may frame it; empty means nobody.

    No inline script or style runs, even if somebody's words were ever taken for markup.
    """
    framed_by = " ".join(ancestors) or "'none'"
    sockets = settings.origin.replace("http", "ws", 1)  # some browsers do not count sockets as 'self'
    headers = {
        "Content-Security-Policy": (
            f"default-src 'self'; connect-src 'self' {sockets}; object-src 'none'; base-uri 'none'; "
            f"form-action 'self'; frame-ancestors {framed_by}"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Permissions-Policy": EVERY_FEATURE_OFF,
        "Cache-Control": "no-store",  # promise 14: nothing of the chat stays in the browser's cache
        "X-Robots-Tag": "noindex",
    }
    if framed_by == "'none'":
        headers["X-Frame-Options"] = "DENY"
    return headers


def tel(number: str) -> str:
    """A number as people read it → what a `tel:` or `sms:` link needs: "111, then option 2" → "111"."""
    found = re.match(r"\+?[\d ]+", number.strip())
    return found[0].replace(" ", "") if found else ""


def _templates() -> Environment:
    env = Environment(
        loader=FileSystemLoader(WEB), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    markdown = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_inline", "html_block"])
    env.filters["tel"] = tel
    env.filters["markdown"] = lambda text: Markup(markdown.render(text))  # noqa: S704 - html is off in the renderer
    env.globals["today"] = date.today
    return env


TEMPLATES = _templates()


def page(template: str, settings: Settings, *, status: int = 200, ancestors: Iterable[str] = (),
         **context: Any) -> HTMLResponse:  # fmt: skip
    """One page, rendered with its headers. Context is escaped; only the `markdown` filter makes markup."""
    words = TEMPLATES.get_template(template).render(demonstration=settings.demonstration, **context)
    return HTMLResponse(words, status, headers=page_headers(settings, ancestors=ancestors))


def staff_page(room: str, settings: Settings, *, status: int = 200, **context: Any) -> HTMLResponse:
    """`sign-in` (context: `wrong: bool`), `advisor`, `moderator` or `supervisor` (context: `name`)."""
    template = "shared/sign_in.html" if room == "sign-in" else f"{room}/{room}.html"
    response = page(template, settings, status=status, **context)
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "same-origin"  # under no-referrer a form is sent with Origin: null
    return response


def urgent_help(service: Service) -> list[DirectoryEntry]:
    """The directory's entries for urgent help, in its order; without such a topic, all of it."""
    urgent = [entry for entry in service.directory if set(entry.topics) & set(URGENT_TOPICS)]
    return urgent or list(service.directory)


@dataclass(frozen=True, slots=True)
class WebFile:
    body: bytes
    type: str
    etag: str


def web_files() -> dict[str, WebFile]:
    """Every script, style and picture under web/, read once. Templates are not among them."""
    found = {}
    for path in sorted(WEB.rglob("*")):
        if path.suffix in TYPES:
            body = path.read_bytes()
            name = path.relative_to(WEB).as_posix()
            found[name] = WebFile(body, TYPES[path.suffix], f'"{hashlib.sha256(body).hexdigest()[:32]}"')
    return found


def file_response(name: str, file: WebFile, request: Request) -> Response:
    """The launcher may be loaded by a charity's page and is checked again each time; the rest is never kept."""
    launcher = name.startswith("launcher/")
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "cross-origin" if launcher else "same-origin",
        "Cache-Control": "no-cache" if launcher else "no-store",
        "ETag": file.etag,
    }
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    return Response(file.body, media_type=file.type, headers=headers)


def not_found(services: Mapping[str, Service], settings: Settings) -> HTMLResponse:
    """A page that isn't here, in plain words and with real numbers."""
    return page("shared/not_found.html", settings, status=404, services=services.values())


def public_pages(services: Mapping[str, Service], settings: Settings) -> APIRouter:
    """Routes of everything public. `services` by id; unknown ones get a page with real numbers, never a bare 404."""
    router = APIRouter()
    files = web_files()

    def chat(service: Service, *, embedded: bool) -> HTMLResponse:
        may_frame = ("'self'", *service.file.origins) if embedded else ()
        return page(
            "chat/chat.html", settings, ancestors=may_frame, service=service.file, urgent=urgent_help(service),
            embedded=embedded, max_words=MAX_WORDS, origins=" ".join((settings.origin, *service.file.origins)),
        )  # fmt: skip

    @router.get("/")
    def front_door() -> HTMLResponse:
        return page("launcher/front.html", settings, services=services.values())

    @router.get("/sample/{service_id}")
    def sample(service_id: str) -> HTMLResponse:
        if service := services.get(service_id):
            return page("launcher/sample.html", settings, service=service.file)
        return not_found(services, settings)

    @router.get("/chat/{service_id}")
    def hosted(service_id: str) -> HTMLResponse:
        return chat(services[service_id], embedded=False) if service_id in services else not_found(services, settings)

    @router.get("/embed/{service_id}")
    def embedded(service_id: str) -> HTMLResponse:
        return chat(services[service_id], embedded=True) if service_id in services else not_found(services, settings)

    @router.get("/policy/{service_id}")
    def policies(service_id: str) -> HTMLResponse:  # R14: the policy is public
        service = services.get(service_id)
        if service is None:
            return not_found(services, settings)
        kinds = {kind: service.versions(kind) for kind in sorted(POLICY_CARDS)}
        return page("shared/policies.html", settings, service=service.file, titles=POLICY_TITLES,
                    kinds={kind: versions for kind, versions in kinds.items() if versions},
                    filled={_key(t): fill(t.body, service) for vs in kinds.values() for t in vs[:1]})  # fmt: skip

    @router.get("/policy/{service_id}/{kind}/{version}")
    def policy(service_id: str, kind: str, version: str) -> HTMLResponse:
        service = services.get(service_id)
        if service is None or kind not in POLICY_CARDS:
            return not_found(services, settings)
        texts = [text for text in service.versions(kind) if str(text.version) == version]
        if not texts:
            return not_found(services, settings)
        return page("shared/policy.html", settings, service=service.file, titles=POLICY_TITLES, texts=texts,
                    filled={_key(t): fill(t.body, service) for t in texts})  # fmt: skip

    @router.get("/web/{name:path}")
    def web_file(name: str, request: Request) -> Response:
        file = files.get(name)
        return file_response(name, file, request) if file else not_found(services, settings)

    return router


def _key(text: Text) -> tuple[str, int, str]:
    return text.kind, text.version, text.lang
