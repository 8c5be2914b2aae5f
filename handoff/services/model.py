"""What a service is: the shape of `service.yml`, `directory.yml` and the texts. Data a charity owns; no I/O here.

`load.py` reads a folder into a `Service` or says file, line and mend.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Serves: TypeAlias = Literal["missing", "survivors", "own_behaviour", "others"]
Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Escalation(_Strict):
    after_s: Annotated[int, Field(gt=0)]
    to: Literal["supervisor", "on_call"]


class Band(_Strict):
    """One row of PRACTICE's table: who waits here, how soon they should be claimed, who hears of it if not."""

    band: Annotated[int, Field(ge=0, le=4)]
    who: str
    target_s: Annotated[int, Field(gt=0)]
    escalate: tuple[Escalation, ...] = ()


class Capacity(_Strict):
    """How many people one advisor talks with at once. An immediate may be claimed beyond it."""

    contacts: Annotated[int, Field(ge=1, le=6)] = 2
    danger_counts: Annotated[int, Field(ge=1, le=6)] = 2  # one in band 0 counts as so many


class Ladder(_Strict):
    """Software ends only with the bot or while waiting, and never anyone ever flagged (PRACTICE)."""

    software_may_end: bool = True
    steps: tuple[Literal["boundary", "final_warning"], ...] = ("boundary", "final_warning")


class Clocks(_Strict):
    bot_limit_s: Annotated[float, Field(gt=0, le=4)] = 4  # promise 7: never more than 4
    lease_s: Annotated[int, Field(ge=10)] = 25
    away_after_s: int = 20  # a line lost for so long is a drop: whoever comes back stands in band 1
    first_words_s: Annotated[int, Field(gt=0)] = 60  # after a claim: the person should have heard something
    silent_advisor_s: Annotated[int, Field(gt=0)] = 90  # the person has heard nothing for so long: a supervisor is told
    hide_after_s: int = 300  # a new page later than this asks safe-to-chat again
    keep_words_days: Annotated[int, Field(le=183)] = 183  # R11
    keep_documents_days: Annotated[int, Field(le=61)] = 61  # R12


class OpenHours(_Strict):
    opens: time
    closes: time


class Hours(_Strict):
    """Times of day in `timezone`. `always: true` for a service that never closes."""

    timezone: str = "Europe/London"
    always: bool = False
    week: dict[Weekday, tuple[OpenHours, ...]] = {}
    last_admission_min: int = 30  # minutes before closing when admission stops


class Reach(_Strict):
    """Where else the service can be reached; each is a placeholder in texts and replies."""

    charity: str
    helpline: str
    website: str
    complaints: str  # how to complain besides the button: an address or a number
    regulator: str
    records: str  # how to ask for one's record besides asking here


class ServiceFile(_Strict):
    """service.yml."""

    id: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    name: str
    demonstration: bool = False  # pages say that nobody is reading
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...] = ("en",)
    exit_to: str  # where quick exit goes: an everyday page
    spine: tuple[str, ...]
    needs: tuple[str, ...]  # the needs shown as buttons, in order
    queue: str = "advisors"
    bands: tuple[Band, ...]
    capacity: Capacity = Capacity()
    ladder: Ladder = Ladder()
    clocks: Clocks = Clocks()
    hours: Hours
    origins: tuple[str, ...] = ()  # pages that may embed the chat
    reach: Reach
    serves: tuple[Serves, ...] = ()  # decides which facts the notice must state (facts.py)
    contempt_is_risk: bool = False  # the phoneline: contempt for a partner is risk evidence, not abuse


class DirectoryEntry(_Strict):
    """A number or address a person may be given; the bot never types one itself."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    name: str
    number: str
    how: Literal["call", "text", "web"] = "call"
    topics: tuple[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")], ...]
    nations: tuple[Literal["england", "scotland", "wales", "northern_ireland"], ...]
    hours: str = "to check"
    audience: str
    text_or_bsl: str = ""
    on_bills: Literal["yes", "no", "to check"] = "to check"
    source: str
    verified_on: date
    to_check: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """One released text file: `texts/<kind>/<version>.<lang>.md`. Never edited after release."""

    service: str
    kind: str
    version: int
    lang: str
    title: str
    body: str  # with [[placeholders]]
    options: dict[str, str]  # option id → label
    again: str  # the short way to ask it a second time
    reviewed: date
    next_review: date
    clauses: tuple[str, ...]
    sha256: str  # of the file's bytes
    facts: dict[str, str] = field(default_factory=dict)  # fact id (facts.py) → the words of the body that state it


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A whole, checked service. `texts` holds every version; `text()` gives the current one."""

    file: ServiceFile
    texts: dict[tuple[str, int, str], Text]
    directory: tuple[DirectoryEntry, ...]

    @property
    def id(self) -> str:
        return self.file.id

    def band(self, number: int) -> Band:
        """The row of a band: how soon, and who hears of it if not."""
        return next(band for band in self.file.bands if band.band == number)

    def text(self, kind: str, lang: str = "en") -> Text:
        """The newest version in `lang`, or else in the service's first language."""
        for language in (lang, self.file.languages[0]):
            versions = [v for (k, v, la) in self.texts if k == kind and la == language]
            if versions:
                return self.texts[kind, max(versions), language]
        raise KeyError(f"service {self.id} has no text of kind {kind}")

    def versions(self, kind: str) -> list[Text]:
        """Every version of a policy, newest first (R14)."""
        return sorted((t for t in self.texts.values() if t.kind == kind), key=lambda t: (-t.version, t.lang))
