"""`frontdoor serve`: the front door alone. `frontdoor run`: the front door with the bot behind it."""

from __future__ import annotations

import socket

import typer
import uvicorn
from fastapi import FastAPI

from handoff import logs
from handoff.bootstrap import make_frontdoor
from handoff.commands.say import err, mended_by_operator, out
from handoff.frames import MAX_FRAME
from handoff.gateway.transport import Server, Socket
from handoff.run import run
from handoff.settings import Settings


def run_command() -> None:
    """Everything on this machine: front door, action server and Rasa. Ctrl-C ends all of it."""
    raise typer.Exit(run(Settings()))


def serve_command() -> None:
    """The front door alone. It keeps its promises with no bot at all."""
    settings = Settings()
    logs.configure()
    with mended_by_operator():
        opened, app = make_frontdoor(settings)
    for problem in app.state.gateway.screener.problems:
        err.print(f"Screening is not whole: {problem} Every message goes to a person until it is.", style="bold red")
    taken = _listen(settings)
    out.print(f"Front door: {settings.origin}")
    try:
        server(app, settings).run(sockets=[taken])
    finally:
        opened.close()


def server(app: FastAPI, settings: Settings) -> Server:
    return Server(_config(app, settings), app.state.gateway)


def _config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """uvicorn with what its defaults leave open closed: frame size, compression, forwarded headers, access log."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        ws=Socket,
        ws_max_size=MAX_FRAME,
        ws_per_message_deflate=False,
        ws_ping_interval=None,  # browsers answer those for a page that hangs; ours (`line.py`) ask the page itself
        proxy_headers=False,
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=16 * 1024,
    )


def _listen(settings: Settings) -> socket.socket:
    """The listening socket; a taken port is said in words before anything is served."""
    listening = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        err.print(
            f"Port {settings.port} on {settings.host} can't be used ({error.strerror}). "
            "Mend: end what holds it, or set FRONTDOOR_PORT to another.",
            style="red",
        )
        raise typer.Exit(1) from None
    return listening
