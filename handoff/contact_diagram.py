"""docs/contact.md from the table itself: `python -m handoff.contact_diagram > docs/contact.md`; held equal by a test.

What may happen where is read off `TRANSITIONS`; where it leads is found by trying: every event, in every state that
few steps reach.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

from handoff import contact as c
from handoff import events as e
from handoff.errors import Illegal
from handoff.ladder import Rung
from handoff.standing import Contact, Phase, Rules
from handoff.turn import OfferEnd, RaiseRisk
from handoff.verdict import Abuse, Risk, Target, Verdict

RULES = Rules(spine=("danger", "notice", "queue"))
STEPS = 6  # the longest way worth drawing: five to be ended by the ladder, and one more
TRIED: tuple[e.Event, ...] = (
    e.PersonSaid(verdict=Verdict()),
    e.PersonSaid(verdict=Verdict(risk=Risk.CONCERN)),
    e.PersonSaid(verdict=Verdict(risk=Risk.IMMEDIATE)),
    e.PersonSaid(verdict=Verdict(uncertain=True)),
    e.PersonSaid(verdict=Verdict(abuse=Abuse.ABUSIVE, target=Target.STAFF)),
    e.CardChosen(card="danger", option="yes"),
    e.CardChosen(card="offer_end", option="end"),
    e.PersonAskedFor(),
    e.BotAnswered(replies=1, commands=(OfferEnd(),)),
    e.BotAnswered(replies=1, commands=(RaiseRisk(category="violence"),)),
    e.BotFailed(),
    e.WarningDisplayed(rung=Rung.BOUNDARY),
    e.WarningDisplayed(rung=Rung.FINAL_WARNING),
    e.Claimed(),
    e.GivenBack(),
    e.HandedOn(),
    e.Consulted(),
    e.CameBack(),
    e.StaffWarned(),
    e.FlagClosed(),
    e.StaffEnded(reason="done"),
    e.PersonLeft(how="end"),
    e.PersonLeft(how="exit"),
)

HEAD = """# The contact

Where a person stands, what may happen there, and where it leads. Made from `handoff/contact.py` by
`.venv/bin/python -m handoff.contact_diagram > docs/contact.md`; a test holds the two equal.
"""

MIDDLE = """
An ending that a moderator overturns opens a new contact, which continues the old one in `waiting`, on a clean ladder
(promise 12). Nothing leads from `waiting` but a claim, the person's own press, or the ladder: nobody waiting is ever
closed by a clock (promise 6).

What may happen in each phase. A pair that has no ● is illegal: it raises, and nothing changes.
"""


def legal() -> dict[str, set[Phase]]:
    """Event → the phases it may happen in, in the order events are defined."""
    table: dict[str, set[Phase]] = {event.__name__: set() for event in get_args(e.Event)}
    for phase, event in c.TRANSITIONS:
        table[event.__name__].add(phase)
    return table


def arrows() -> list[tuple[Phase, Phase, list[str]]]:
    """(from, to, events), where an event can change the phase."""
    found: dict[tuple[Phase, Phase], set[str]] = {}
    opened, _ = c.decide(Contact(), e.Opened(), RULES)
    reached = seen = {_plain(opened)}
    for _ in range(STEPS):
        following: set[Contact] = set()
        for before in reached:
            for event in TRIED:
                try:
                    after, _ = c.decide(before, event, RULES)
                except Illegal:
                    continue
                following.add(_plain(after))
                if after.phase is not before.phase:
                    found.setdefault((before.phase, after.phase), set()).add(type(event).__name__)
        reached = following - seen
        seen = seen | reached
    order = list(Phase)
    by_order = sorted(found.items(), key=lambda item: tuple(order.index(phase) for phase in item[0]))
    return [(a, b, sorted(events, key=list(legal()).index)) for (a, b), events in by_order]


def _plain(contact: Contact) -> Contact:
    """Without what changes no phase, so that few states are tried."""
    answers = tuple(sorted(dict(contact.answers).items()))
    return replace(contact, epoch=0, answers=answers, bot_failed=False, unclear=0)


def words(name: str) -> str:
    """PersonAskedFor → person asked for"""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()


def markdown() -> str:
    lines = [HEAD, "```mermaid", "stateDiagram-v2", f"    [*] --> {Phase.WITH_BOT}: opened"]
    lines += [f"    {a} --> {b}: {', '.join(map(words, events))}" for a, b, events in arrows()]
    lines += [f"    {Phase.ENDED} --> [*]", "```", MIDDLE]
    lines += ["| event | " + " | ".join(Phase) + " |", "|---|" + "---|" * len(Phase)]
    for event, phases in legal().items():
        lines.append(f"| {words(event)} | " + " | ".join("●" if phase in phases else "" for phase in Phase) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(markdown(), end="")  # noqa: T201
