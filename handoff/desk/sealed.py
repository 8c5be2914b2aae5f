"""What is kept sealed as one piece: the contact's state, and what screening found. To and from JSON."""

from __future__ import annotations

import json
from dataclasses import fields

from handoff.ladder import Rung
from handoff.standing import Contact, Phase
from handoff.store.seal import Seal
from handoff.verdict import Risk, Verdict


def state_to_json(contact: Contact) -> str:
    return json.dumps(
        {
            "phase": contact.phase,
            "epoch": contact.epoch,
            "risk": contact.risk,
            "risk_open": contact.risk_open,
            "uncertain": contact.uncertain,
            "band": contact.band,
            "rung": contact.rung,
            "rung_displayed": contact.rung_displayed,
            "card": contact.card,
            "shown": sorted(contact.shown),
            "answers": contact.answers,
            "due": contact.due,
            "unclear": contact.unclear,
            "under_18": contact.under_18,
            "bot_failed": contact.bot_failed,
            "asked_urgently": contact.asked_urgently,
            "dropped": contact.dropped,
        }
    )


KEPT = {field.name for field in fields(Contact)}


def read_state(seal: Seal, sealed: bytes) -> Contact:
    """Also of an earlier version: what it knew and this one does not is left; what it lacks is as at first."""
    data = {k: v for k, v in json.loads(seal.open(sealed, where="contact:state")).items() if k in KEPT}
    return Contact(
        **{
            **data,
            "phase": Phase(data["phase"]),
            "risk": Risk(data["risk"]),
            "rung": Rung(data["rung"]),
            "shown": frozenset(data["shown"]),
            "answers": tuple((card, option) for card, option in data["answers"]),
            "due": tuple(data["due"]),
        }
    )


def verdict_to_json(verdict: Verdict) -> str:
    return json.dumps(
        {
            "risk_categories": sorted(verdict.risk_categories),
            "abuse_categories": sorted(verdict.abuse_categories),
            "target": verdict.target,
            "spans": [(s.start, s.end, s.label, s.step) for s in verdict.spans],
            "reason": verdict.reason,
        }
    )
