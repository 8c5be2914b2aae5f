"""Put a service's own numbers, names and hours into words: `[[placeholders]]` in texts and in the bot's replies.

    helpline · charity · service · website · complaints · regulator · records · exit_to · hours · opens · policy ·
    number:<entry> · entry:<entry> · topic:<topic> · topic          (entries and topics are of the directory)
    wait · position · advisor                                       (given when they are known)

`hours` goes after "We are open", `opens` after "We open again". `topic` alone lists the topic given as `topic=`.
Nobody is ever shown raw brackets: where something cannot be filled, that line gives the helpline instead, and `report`
hears of it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from datetime import datetime

from handoff.services.hours import hours_in_words, opens_in_words
from handoff.services.model import DirectoryEntry, Service

PLACEHOLDER = re.compile(r"\[\[\s*([a-z_]+)(?::([a-z0-9_]+))?\s*\]\]")
GIVEN = frozenset({"wait", "position", "advisor"})  # known only when a text is shown
GENERAL = "other_help"  # the topic shown when a service has nothing on the one asked for

_log = logging.getLogger(__name__)


def _report(placeholder: str) -> None:
    _log.error("a placeholder could not be filled, the helpline was given instead: %s", placeholder)


def fill(
    text: str,
    service: Service,
    *,
    now: datetime | None = None,
    report: Callable[[str], None] = _report,
    **more: str,
) -> str:
    """`text` with every placeholder replaced. `more` gives wait, position, advisor or topic; `now` makes hours today's.

    What is filled in is never looked at again, so a value cannot smuggle in a placeholder.
    """
    return "\n".join(_line(line, service, now, report, more) for line in text.split("\n"))


def unfilled(text: str, service: Service, given: Iterable[str] = ()) -> list[str]:
    """The placeholders of `text` that could not be filled for this service; for the loader and the bot's tests."""
    known = dict.fromkeys(given, "…")
    bad = [m.group() for m in PLACEHOLDER.finditer(text) if _value(m, service, None, known) is None]
    rest = PLACEHOLDER.sub("", text)
    return bad + re.findall(r"\[\[.{0,40}|.{0,40}\]\]", rest)


def entries(service: Service, topic: str) -> tuple[DirectoryEntry, ...]:
    """The directory entries of a topic, or the general ones if the service has none on it."""
    found = tuple(entry for entry in service.directory if topic in entry.topics)
    return found or tuple(entry for entry in service.directory if GENERAL in entry.topics)


def said(entry: DirectoryEntry) -> str:
    """One entry as people read it: "Childline: 0800 1111 (any time)"; hours nobody has checked are left out."""
    how = "text " if entry.how == "text" else ""
    hours = "" if entry.hours == "to check" else f" ({entry.hours})"
    return f"{entry.name}: {how}{entry.number}{hours}"


def _line(
    line: str, service: Service, now: datetime | None, report: Callable[[str], None], more: dict[str, str]
) -> str:
    missing: list[str] = []

    def replace(match: re.Match[str]) -> str:
        value = _value(match, service, now, more)
        if value is None:
            missing.append(match.group())
            return ""
        return value

    filled = PLACEHOLDER.sub(replace, line)
    bare = PLACEHOLDER.sub("", line)
    if "[[" in bare or "]]" in bare:
        missing.append("brackets that are no placeholder")
    if not missing:
        return filled
    for placeholder in missing:
        report(placeholder)
    return f"You can call us on {service.file.reach.helpline}."


def _value(match: re.Match[str], service: Service, now: datetime | None, more: dict[str, str]) -> str | None:
    name, key = match.group(1), match.group(2)
    if key is not None:
        return _from_directory(name, key, service)
    if name == "topic":
        return _listed(entries(service, more.get("topic") or GENERAL))
    if more.get(name):  # nothing given is as good as not given
        return more[name]
    reach, file = service.file.reach, service.file
    known = {
        "helpline": reach.helpline,
        "charity": reach.charity,
        "service": file.name,
        "website": reach.website,
        "complaints": reach.complaints,
        "regulator": reach.regulator,
        "records": reach.records,
        "exit_to": file.exit_to,
        "policy": f"/policy/{file.id}",
        "advisor": "An advisor",
    }
    if name == "hours":
        return hours_in_words(file.hours, now)
    if name == "opens":
        return opens_in_words(file.hours, now) if now else hours_in_words(file.hours)
    return known.get(name)


def _from_directory(name: str, key: str, service: Service) -> str | None:
    if name == "topic":
        return _listed(entry for entry in service.directory if key in entry.topics)
    entry = next((entry for entry in service.directory if entry.id == key), None)
    if entry is None:
        return None
    return {"number": entry.number, "entry": said(entry)}.get(name)


def _listed(found: Iterable[DirectoryEntry]) -> str | None:
    return "\n".join(f"- {said(entry)}" for entry in found) or None
