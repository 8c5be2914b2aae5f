"""Logs without anyone's words or address (promise 9): events by name; of an exception, its kind and lines.

An exception's message may hold what somebody wrote, so it is never printed; where it was raised is.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import TypeAlias

import structlog
from structlog.typing import EventDict, WrappedLogger

_ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class NoWords(logging.Formatter):
    """For libraries' loggers: level, logger and its own message; of an exception the kind and the lines of code."""

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the library's name
        kind, _, trace = ei
        where = "".join(traceback.format_list(traceback.extract_tb(trace))) if trace is not None else ""
        return f"{where}{kind.__name__ if kind else 'error'} (its message is not logged)"


class _Quiet(logging.Filter):
    """uvicorn writes the client's address with its messages about connections: only errors of ours pass, without it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.ERROR or record.name.startswith("handoff")


def _no_exception(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event.pop("exc_info", None)
    return event


def configure(*, colours: bool | None = None) -> None:
    """Once, before anything is served."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(NoWords("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(_Quiet())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "httpx", "httpcore", "websockets"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            _no_exception,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty() if colours is None else colours),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
