"""Logs without anyone's words or address (promise 9): events by name; of an exception, its kind and lines.

An exception's message may hold what somebody wrote, so it is never printed; where it was raised is.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from contextlib import suppress
from types import TracebackType
from typing import TextIO, TypeAlias, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

_ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Unfailing:
    """A stream on which a line may be lost and nothing else: a log on a full disk must not stop what it tells of."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # ValueError: it is closed
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


class NoWords(logging.Formatter):
    """For libraries' loggers: which one, from where, and of an exception the kind and the lines of code.

    Never the message: it may be made of what somebody sent (asyncio's holds exceptions and arguments).
    """

    def format(self, record: logging.LogRecord) -> str:
        said = f"{self.formatTime(record)} {record.levelname} {record.name} at {record.module}:{record.lineno}"
        return f"{said}\n{self.formatException(record.exc_info)}" if record.exc_info else said

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the library's name
        return without_words(ei[0], ei[2])


def without_words(kind: type[BaseException] | None, trace: TracebackType | None) -> str:
    """What can be said of an exception: where it was raised, and its kind."""
    where = "".join(traceback.format_list(traceback.extract_tb(trace)))
    return f"{where}{kind.__name__ if kind else 'error'} (its message is not logged)"


def _say_without_words(kind: type[BaseException] | None, trace: TracebackType | None) -> None:
    print(without_words(kind, trace), file=Unfailing(sys.stderr))


class _Quiet(logging.Filter):
    """uvicorn writes the client's address with its messages about connections: only errors of ours pass, without it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.ERROR or record.name.startswith("handoff")


def _no_exception(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event.pop("exc_info", None)
    return event


def configure(*, colours: bool | None = None) -> None:
    """Once, before anything is served."""
    stderr = cast("TextIO", Unfailing(sys.stderr))
    handler = logging.StreamHandler(stderr)
    handler.setFormatter(NoWords())
    handler.addFilter(_Quiet())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "httpx", "httpcore", "websockets"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.ERROR)
    logging.raiseExceptions = False  # it would print the arguments of what could not be logged
    # What nobody caught ends here, in any thread; by default Python would print its message.
    sys.excepthook = lambda kind, error, trace: _say_without_words(kind, trace)
    sys.unraisablehook = lambda args: _say_without_words(args.exc_type, args.exc_traceback)
    threading.excepthook = lambda args: _say_without_words(args.exc_type, args.exc_traceback)
    structlog.configure(
        processors=[
            _no_exception,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty() if colours is None else colours),
        ],
        logger_factory=structlog.PrintLoggerFactory(stderr),
        cache_logger_on_first_use=True,
    )
