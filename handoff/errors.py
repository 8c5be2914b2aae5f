"""Everything that can go wrong, as one tree. Ours apart from the peer's.

FrontdoorError
├── PeerError              the other side asked for something that cannot be; nothing happened
│   ├── Illegal            the event does not exist in this phase
│   ├── NotFound           no such contact, card, case
│   ├── NotAllowed         this role may not
│   ├── Full               the advisor holds as many people as one can
│   ├── Paused             the advisor has said: nobody new for now
│   ├── AlreadyClaimed     another advisor has the person (promise 5)
│   └── LeaseLost          a late write of someone who no longer holds the contact
├── BotError               the bot refused, hung, answered nothing or nonsense: cards and a person (promise 7)
├── PagingError            the on-call contact was not reached: loud to staff, tried again
└── StoreUnavailable       the database cannot take the words now; nothing was acknowledged
"""

from __future__ import annotations


class FrontdoorError(Exception):
    """`code` is for programs, the text for people."""

    code = "error"
    retry = False


class PeerError(FrontdoorError):
    code = "refused"


class Illegal(PeerError):
    code = "not_now"


class NotFound(PeerError):
    code = "not_found"


class NotAllowed(PeerError):
    code = "not_allowed"


class SignedOut(PeerError):
    code = "signed_out"


class Full(PeerError):
    code = "full"


class Paused(PeerError):
    code = "paused"


class AlreadyClaimed(PeerError):
    code = "already_claimed"


class LeaseLost(PeerError):
    code = "lease_lost"


class BotError(FrontdoorError):
    """`kind` is one of: refused, hang, status, empty, garbage, unknown_command; busy and resting, where it was not even
    asked. Never holds words."""

    code = "bot"

    def __init__(self, kind: str) -> None:
        super().__init__(f"the bot failed: {kind}")
        self.kind = kind


class PagingError(FrontdoorError):
    """`kind` is one of: not_set, cannot_start, exit_code, hang, refused, status. Never holds words."""

    code = "paging"

    def __init__(self, kind: str) -> None:
        super().__init__(f"the on-call contact was not reached: {kind}")
        self.kind = kind


class StoreUnavailable(FrontdoorError):
    code = "store_unavailable"
    retry = True
