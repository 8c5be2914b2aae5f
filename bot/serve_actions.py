"""Starts the action server, on loopback, echoing nothing: `python -m bot.serve_actions`.

rasa-sdk's own start binds 0.0.0.0 and answers an error with the whole request, tracker and words included.
`FRONTDOOR_ACTIONS_PORT` is the port (5055), `FRONTDOOR_ACTIONS_HOST` the address (127.0.0.1).
"""

from __future__ import annotations

import logging
import os

import bot.quiet  # noqa: F401 - first

# isort: split

from rasa_sdk.endpoint import create_app
from sanic import Sanic, response
from sanic.exceptions import SanicException
from sanic.handlers import ErrorHandler
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import redaction

logger = logging.getLogger("frontdoor.actions")


class SilentErrors(ErrorHandler):
    """Any error: its kind in the log, nothing of the request in the answer."""

    def default(self, request: Request, exception: Exception) -> HTTPResponse:
        status = exception.status_code if isinstance(exception, SanicException) else 500
        logger.error("action server: %s", redaction.describe(exception))
        return response.json({"error": "the action failed"}, status=status)

    def log(self, request: Request, exception: Exception) -> None:
        """Sanic would log the request here."""


def app() -> Sanic:
    """The action server's app: rasa-sdk's, without cross-origin leave and with silent errors."""
    server = create_app("actions", cors_origins="")
    server.error_handler = SilentErrors()
    return server


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(levelname)s %(message)s")
    logger.setLevel(logging.INFO)
    logging.getLogger("sanic.root").setLevel(logging.WARNING)
    host = os.environ.get("FRONTDOOR_ACTIONS_HOST", "127.0.0.1")
    port = int(os.environ.get("FRONTDOOR_ACTIONS_PORT", "5055"))
    server = app()
    logger.info("actions on %s:%s", host, port)
    redaction.install(everything=True)
    server.run(host, port, workers=1, access_log=False)


if __name__ == "__main__":
    main()
