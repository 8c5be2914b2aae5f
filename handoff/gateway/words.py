"""What people are told when something goes wrong. A `PeerError` is in words for them; anything else is for operators,
and may name folders or files, so people get words of ours instead."""

from __future__ import annotations

from handoff.errors import PeerError, StoreUnavailable

TRY_AGAIN = "That didn't go through. Your words are still on this page. Please try again, or call us."
NO_STORE = "We can't take messages just now. Your words are still on this page. You can try again, or call us."


def for_people(error: Exception) -> tuple[str, str, bool]:
    """(code, words, whether trying again may help)."""
    if isinstance(error, PeerError):
        return error.code, str(error), error.retry
    if isinstance(error, StoreUnavailable):
        return StoreUnavailable.code, NO_STORE, True
    return "error", TRY_AGAIN, True


def why(error: Exception) -> dict[str, str]:
    """For the log: what keeps the database away, with the mend. Of any other error the kind alone is logged."""
    return {"why": str(error)} if isinstance(error, StoreUnavailable) else {}
