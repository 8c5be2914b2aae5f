"""docs/operations.md and .env.example say what the settings are: compared here, so that they cannot drift apart."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from handoff.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
NAMES = {f"FRONTDOOR_{name.upper()}" for name in Settings.model_fields}


def documented() -> dict[str, str]:
    rows = re.findall(
        r"^\| `(FRONTDOOR_\w+)` \| (?:`(.*?)`)? *\|", (PROJECT / "docs/operations.md").read_text(), re.MULTILINE
    )
    return dict(rows)


def test_every_setting_is_documented_and_nothing_else_is():
    assert documented().keys() == NAMES


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_the_documented_default_is_the_default(name: str):
    default = Settings.model_fields[name].default
    if hasattr(default, "get_secret_value"):
        default = default.get_secret_value()
    words = "" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
    assert documented()[f"FRONTDOOR_{name.upper()}"] == words


def test_the_example_names_every_setting():
    assert set(re.findall(r"^#?(FRONTDOOR_\w+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE)) == NAMES


def test_the_example_as_it_stands_changes_no_default(monkeypatch: pytest.MonkeyPatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    assert Settings(_env_file=PROJECT / ".env.example") == Settings(_env_file=None)


def test_an_empty_key_ring_setting_is_not_the_folder_one_happens_to_be_in(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FRONTDOOR_KEY_RING", "")
    assert Settings(_env_file=None).key_ring_folder == Path("var/keys")


@pytest.mark.parametrize("folder", ["actions", "bot"])
def test_the_bot_cannot_reach_the_store(folder: str):
    """Promise 13: what answers "has she been in touch" has no way to know. R4."""
    files = list((PROJECT / folder).glob("*.py"))
    assert files
    assert not list((PROJECT / folder).glob("*/*.py")), "look there too"
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] not in {"handoff", "sqlalchemy", "sqlite3", "psycopg"}, f"{path}: {name}"
