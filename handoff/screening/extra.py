"""A charity's own listener as one more step: a hosted or local classifier it trusts. Off unless named in the settings.

It is a function installed beside Frontdoor under the entry point group `frontdoor.screening`:

    def hear(text: str, *, service: str, history: Sequence[Turn]) -> Verdict: ...

What it finds is added to what the other steps found: it may raise, never lower. It has a time limit; if it fails or is
late, the message is uncertain and goes to a person (promise 2).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import entry_points

from handoff.screening.message import Finding, Message
from handoff.screening.steps import Step
from handoff.verdict import Abuse, Risk, Target, Verdict

GROUP = "frontdoor.screening"
AT_ONCE = 4  # messages; a listener that hangs holds no more threads than this

Listener = Callable[..., Verdict]


class NoListener(Exception):
    """The settings name a listener that isn't there; the message says what to do."""


def named(name: str) -> Listener:
    """The function installed under this name. Raises `NoListener`."""
    found = [entry for entry in entry_points(group=GROUP) if entry.name == name]
    if not found:
        known = ", ".join(sorted(entry.name for entry in entry_points(group=GROUP))) or "none"
        raise NoListener(f"FRONTDOOR_SCREENING_STEP: no {name!r} under {GROUP!r} (installed: {known})")
    try:
        listener = found[0].load()
    except Exception as error:
        raise NoListener(f"FRONTDOOR_SCREENING_STEP: {name!r} cannot be loaded ({type(error).__name__})") from error
    if not callable(listener):
        raise NoListener(f"FRONTDOOR_SCREENING_STEP: {name!r} is no function")
    return listener  # type: ignore[no-any-return]


def step(name: str, listener: Listener, seconds: float) -> Step:
    """The listener as a step that has `seconds` for each message."""
    threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"screening-{name}")

    def run(message: Message) -> None:
        asked = threads.submit(listener, message.text, service=message.service, history=message.history)
        heard = asked.result(timeout=seconds)
        if not isinstance(heard, Verdict):
            raise TypeError("a listener answers with a Verdict")
        message.findings.extend(_findings(heard, name, len(message.text)))
        if heard.uncertain:
            raise RuntimeError("the listener is uncertain")

    return Step(name, run)


def _findings(heard: Verdict, name: str, length: int) -> list[Finding]:
    found: list[Finding] = []
    for category in sorted(heard.risk_categories or {""}) if heard.risk else []:
        found.append(Finding(f"{name}.{heard.risk.word}", name, 0, length, risk=heard.risk, category=category))
    at_staff = heard.target in (None, Target.STAFF, Target.MACHINE)  # M16: words at others are not counted
    for category in sorted(heard.abuse_categories or {""}) if heard.abuse and at_staff else []:
        target = heard.target or Target.STAFF
        label = f"{name}.{heard.abuse.word}"
        found.append(Finding(label, name, 0, length, Risk.NONE, Abuse(heard.abuse), category, target))
    return found
