"""No words in logs (promise 9).

Rasa logs the person's words when a handler raises, and at debug everywhere. Redacting them piece by piece would be a
guess, so a log record made while a turn is answered says *where* and *what kind*, never *what*: its message is
replaced before any handler sees it. Outside turns messages stay, and an exception keeps its types and places but loses
its text and its locals, because an error that surfaces late may still hold words.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any

_answering: ContextVar[bool] = ContextVar("frontdoor_answering", default=False)
_everything = False  # the action server: it does nothing but answer turns
_make = logging.getLogRecordFactory()

WITHHELD = "words withheld: logged while a turn was answered"

ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


@contextmanager
def answering() -> Iterator[None]:
    """Everything logged inside, in this task and the tasks it starts, is withheld."""
    token = _answering.set(True)
    try:
        yield
    finally:
        _answering.reset(token)


def install(*, everything: bool = False) -> None:
    """Put the redaction in front of every handler of this process. Doing it twice changes nothing.

    `everything`: withhold all messages from now on, whichever task logs them.
    """
    global _everything
    _everything = _everything or everything
    logging.setLogRecordFactory(_redacted)
    logging.captureWarnings(True)
    _drop_structlog_locals()


def describe(error: BaseException) -> str:
    """The types and places of an exception and its causes: "ValueError at channel.py:40 < KeyError at …"."""
    seen: list[str] = []
    current: BaseException | None = error
    while current is not None and len(seen) < 6:
        frames = traceback.extract_tb(current.__traceback__)
        place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        seen.append(type(current).__name__ + place)
        current = current.__cause__ or current.__context__
    return " < ".join(seen)


def _redacted(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = _make(*args, **kwargs)
    error = record.exc_info[1] if record.exc_info else None
    record.exc_info = record.exc_text = record.stack_info = None
    if (_answering.get() or _everything) and not record.name.startswith("frontdoor"):
        record.msg, record.args = WITHHELD, ()
    if error is not None:
        record.msg, record.args = f"{record.getMessage()} [{describe(error)}]", ()
    return record


def _drop_structlog_locals() -> None:
    """Structured tracebacks hold the locals of every frame, words among them. Take them out of Rasa's processors."""
    try:
        import structlog
    except ImportError:  # the action server's own loggers are plain
        return
    processors = [p for p in structlog.get_config()["processors"] if p is not structlog.processors.dict_tracebacks]
    processors.insert(max(len(processors) - 1, 0), _structlog_exception)
    structlog.configure(processors=processors)


def _structlog_exception(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    info = event.pop("exc_info", None)
    if isinstance(info, tuple) and info[1] is not None:
        event["exception"] = describe(info[1])
    elif isinstance(info, BaseException):
        event["exception"] = describe(info)
    return event
