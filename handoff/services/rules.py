"""The rules a service's data must keep. Each returns what is wrong, with the line and the mend."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handoff.cards import CARDS, NEEDS, QUESTIONS_OPTIONAL, SPINE_CARDS
from handoff.services.facts import required
from handoff.services.fill import GIVEN, unfilled
from handoff.services.model import OpenHours, Service, ServiceFile
from handoff.services.read import Source, TextFile

ALWAYS_IN_SPINE = SPINE_CARDS - QUESTIONS_OPTIONAL
GIVEN_ON = {"queue": GIVEN, "given_back": GIVEN, "joined": frozenset({"advisor"}), "handed_on": frozenset({"advisor"})}
EMERGENCIES = frozenset({"emergency", "emergency_suicide", "emergency_child", "emergency_own_behaviour"})
EMERGENCY_LINE = 20  # words; more cannot be read in fright
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})


def check_service(file: ServiceFile, source: Source, folder: str) -> None:
    """service.yml by itself."""
    if file.id != folder:
        source.wrong(f"id is {file.id}, the folder is {folder}", "give both the same name", "id")
    if not file.serves:
        source.wrong("serves is not said", "add serves: [missing], [survivors], [own_behaviour] or [others]", "serves")
    if file.contempt_is_risk and "own_behaviour" not in file.serves:
        source.wrong("contempt_is_risk is only for people worried about their own behaviour",
                     "add own_behaviour to serves, or set contempt_is_risk: false", "contempt_is_risk")  # fmt: skip
    for n, need in enumerate(file.needs):
        if need not in NEEDS:
            source.wrong(f"unknown need {need}", f"use some of: {', '.join(sorted(NEEDS))}", "needs", n)
    if len(set(file.needs)) != len(file.needs) or not file.needs:
        source.wrong("needs is empty or names one twice", "list each need once", "needs")
    if sorted(band.band for band in file.bands) != [0, 1, 2, 3, 4]:
        source.wrong("bands must be 0, 1, 2, 3 and 4, each once", "write one row for each band", "bands")
    for name, value in file.reach:
        if not str(value).strip():
            source.wrong(f"reach.{name} is empty", "people are shown it: fill it in", "reach", name)
    if not _is_page(file.exit_to):
        source.wrong("exit_to is not an https address", "write an everyday page, like a weather page", "exit_to")
    for n, origin in enumerate(file.origins):
        if not _is_origin(origin, demonstration=file.demonstration):
            source.wrong(f"{origin} is not an origin", "write https://name.of.site, without a path or a last slash",
                         "origins", n)  # fmt: skip
    _check_spine(file, source)
    _check_hours(file, source)


def _check_spine(file: ServiceFile, source: Source) -> None:
    spine = file.spine
    at = {card: n for n, card in reversed(list(enumerate(spine)))}

    def first(card: str, other: str, reason: str) -> None:
        if card in at and other in at and at[card] > at[other]:
            source.wrong(f"{card} comes after {other}: {reason}", f"move {card} before {other}", "spine", at[card])

    for n, card in enumerate(spine):
        if card not in SPINE_CARDS:
            source.wrong(f"{card} is not a card of the spine", f"use: {', '.join(sorted(SPINE_CARDS))}", "spine", n)
        elif at[card] != n:
            source.wrong(f"{card} is in the spine twice", "take one out", "spine", n)
    for card in sorted(ALWAYS_IN_SPINE - set(spine)):
        source.wrong(f"the spine lacks {card}", f"add {card}", "spine")
    if spine and spine[0] != "greeting" and "greeting" in at:
        source.wrong("the spine does not begin with greeting", "move greeting to the top", "spine", 0)
    if spine and spine[-1] != "queue" and "queue" in at:
        source.wrong("the spine does not end with queue", "move queue to the end", "spine", at["queue"])
    first("safe_to_chat", "danger", "someone may be watching the screen")
    first("danger", "need", "danger is asked before any story")
    first("limits", "need", "the limits are told before any story (M8)")
    first("notice", "queue", "the notice comes before any advisor")
    if file.contempt_is_risk or "own_behaviour" in file.serves:
        first("notice", "need", "here the whole notice is told before any story (R6, R7)")
    optional = [card for card in spine if card in QUESTIONS_OPTIONAL]
    if len(optional) > 2:
        source.wrong("more than two of age, name and language", "ask two at most", "spine", at[optional[2]])


def _check_hours(file: ServiceFile, source: Source) -> None:
    hours = file.hours
    try:
        ZoneInfo(hours.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        source.wrong(f"unknown timezone {hours.timezone}", "write one like Europe/London (or install tzdata)",
                     "hours", "timezone")  # fmt: skip
    if hours.always == bool(any(hours.week.values())):
        source.wrong("hours must be either always: true or a week", "set always: true, or list the days", "hours")
    for day, openings in hours.week.items():
        spans = sorted(_minutes(opening) for opening in openings)
        if any(end - start <= hours.last_admission_min for start, end in spans):
            source.wrong(f"{day}: an opening is not longer than last_admission_min, so nobody could join",
                         "open longer, or stop admission later", "hours", "week", day)  # fmt: skip
        if any(before[1] > after[0] for before, after in pairwise(spans)):
            source.wrong(f"{day}: openings overlap", "make them one, or mend the times", "hours", "week", day)
    if hours.last_admission_min < 0:
        source.wrong("last_admission_min is below 0", "write minutes, 0 or more", "hours", "last_admission_min")


def _minutes(opening: OpenHours) -> tuple[int, int]:
    day = datetime.combine(date.min, opening.opens)
    end = datetime.combine(date.min, opening.closes)
    end += timedelta(days=1) if end <= day else timedelta()
    midnight = datetime.combine(date.min, datetime.min.time())
    return int((day - midnight).total_seconds() // 60), int((end - midnight).total_seconds() // 60)


def check_text(text: TextFile, file: ServiceFile | None) -> None:
    """One text by itself; `file` is None for a text of common, which no service owns."""
    top, source = text.top, text.source
    card = CARDS[text.kind]
    if top.kind != text.kind:
        source.wrong(f"kind is {top.kind}, the folder is {text.kind}", "give both the same name", "kind")
    if file is not None and text.lang not in file.languages:
        source.wrong(f"{text.lang} is not a language of the service", "add it to languages in service.yml")
    if not text.body:
        source.wrong("there are no words under the front matter", "write the text")
    if top.next_review <= top.reviewed:
        source.wrong("next_review is not after reviewed", "set the date of the next review (R15)", "next_review")
    for option in sorted(card.options - set(top.options)):
        source.wrong(f"option {option} has no label", f"add `{option}: words` under options", "options")
    for option in sorted(set(top.options) - card.options):
        source.wrong(f"unknown option {option}", "take it out", "options", option)
    if card.asks and not top.again.strip():
        source.wrong("again is missing: the short way to ask once more", "add `again: …`", "again")
    if text.kind in EMERGENCIES:
        _check_emergency(text)


def _check_emergency(text: TextFile) -> None:
    for n, line in enumerate(text.body.split("\n")):
        if len(line.split()) > EMERGENCY_LINE:
            text.source.lines[("body", n)] = text.body_line + n
            text.source.wrong(f"a line of more than {EMERGENCY_LINE} words", "make it two lines", "body", n)
    if not re.search(r"\b999\b", text.body):
        text.source.wrong("an emergency text without 999", "say: call 999")


def check_against(text: TextFile, service: Service) -> None:
    """One text in the service that shows it: placeholders can be filled, and the policy's facts are stated."""
    top, source = text.top, text.source
    given = GIVEN_ON.get(text.kind, frozenset())
    for words in (text.body, top.title, top.again, *top.options.values()):
        for placeholder in unfilled(words, service, given):
            source.lines[("at", placeholder)] = text.line_of(placeholder)
            source.wrong(f"{placeholder} cannot be filled for {service.id}",
                         f"mend its spelling, or add it to {service.id}/directory.yml", "at", placeholder)  # fmt: skip
    body = " ".join(text.body.split())
    wanted = required(text.kind, service.file)
    for fact, says in wanted.items():
        if fact not in top.facts:
            source.wrong(f"{text.kind} does not say: {says} ({fact})", f"say it, and mark it under facts as {fact}",
                         "facts")  # fmt: skip
    for fact, words in top.facts.items():
        if wanted and fact not in wanted:
            source.wrong(f"{fact} is no fact of {text.kind} here", "take it out, or see handoff/services/facts.py",
                         "facts", fact)  # fmt: skip
        if not words.strip() or " ".join(words.split()) not in body:
            source.wrong(f"the words of {fact} are not in the text", "copy them exactly from the text", "facts", fact)
    if "R15" in wanted:
        for words in (f"version {text.version}", date_in_words(top.reviewed), date_in_words(top.next_review)):
            if words not in body:
                source.wrong(f"the text does not say “{words}” (R15)", "say version, reviewed and next review in it",
                             "facts", "R15")  # fmt: skip


def date_in_words(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _is_page(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


def _is_origin(origin: str, *, demonstration: bool) -> bool:
    try:
        parts = urlsplit(origin)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or origin != f"{parts.scheme}://{parts.netloc}" or origin != origin.lower() or "@" in origin:
        return False
    if not re.fullmatch(r"[a-z0-9.\-]+|\[[0-9a-f:]+\]", parts.netloc.rsplit(":", 1)[0] if parts.port else parts.netloc):
        return False
    local = host in LOCAL or host == "::1"
    return parts.scheme == "https" or (parts.scheme == "http" and local and demonstration)
