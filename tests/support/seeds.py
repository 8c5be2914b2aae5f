"""The number from which a test draws its chances: printed, so that what failed can be run again."""

from __future__ import annotations

import os
import secrets


def seed_of_this_run() -> int:
    """`TEST_SEED=123 …` runs the same again; otherwise a new one each time."""
    number = int(os.environ.get("TEST_SEED") or secrets.randbelow(2**32))
    print(f"TEST_SEED={number}")
    return number
