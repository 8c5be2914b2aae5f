"""A copy of the services that a test may break."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from handoff.services.load import BUILT_IN


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of services like the built-in one, free to be changed."""
    copy = tmp_path / "services"
    shutil.copytree(BUILT_IN, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


@pytest.fixture
def edit(root: Path) -> Callable[[str, str, str], int]:
    """Replace words in a file of `root`; returns the line on which they stood."""

    def change(name: str, old: str, new: str) -> int:
        path = root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return change
