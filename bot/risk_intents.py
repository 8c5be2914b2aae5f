"""The intents by which the bot may raise risk, and how pressing each is (2: now; 1: serious, not now).

Which category and level each one raises is said by the action (actions/risk.py); a test holds the two together.
"""

from __future__ import annotations

RISK_INTENTS: dict[str, int] = {
    "danger_now": 2,
    "abuser_near": 2,
    "someone_else_in_danger": 2,
    "suicide_now": 2,
    "medical_now": 2,
    "child_unsafe": 2,
    "about_to_hurt": 2,
    "missing_at_risk": 2,
    "bomb": 2,
    "suicidal_thoughts": 1,
    "self_harm": 1,
    "exploited": 1,
    "not_safe": 1,
}
