"""Screening: what is in one message, said by `screen` as a verdict. See docs/screening.md."""

from handoff.screening.screener import Screener, screen, shared
from handoff.screening.steps import STEPS, Step

__all__ = ["STEPS", "Screener", "Step", "screen", "shared"]
