"""Migrations make exactly the tables that the program believes in."""

from __future__ import annotations

import io
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from handoff.store.migrate import CannotMigrate, alembic_config, is_current, migrate
from handoff.store.migrations.guards import guards
from handoff.store.tables import Base


def test_models_and_migrations_agree(database: Path) -> None:
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_models_and_migrations_agree_to_the_last_constraint(database: Path, tmp_path: Path) -> None:
    """compare_metadata does not look at CHECKs, nor at what happens on delete."""
    modelled = tmp_path / "modelled.db"
    engine = create_engine(f"sqlite:///{modelled}")
    Base.metadata.create_all(engine)
    engine.dispose()
    assert _statements(database) - {_ALEMBIC} == _statements(modelled)


_ALEMBIC = ("alembic_version",)


def _statements(path: Path) -> set[tuple[str, ...]]:
    """Every table and index as its name and the set of its clauses, in whatever order they stand."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
    )
    found = {
        (name, *sorted(clause.strip().rstrip(",") for clause in sql.splitlines()))
        if name != "alembic_version"
        else _ALEMBIC
        for name, sql in rows
    }
    connection.close()
    return found


def test_migrating_again_changes_nothing(database: Path, raw: sqlite3.Connection) -> None:
    before = raw.execute("SELECT * FROM sqlite_master").fetchall()
    migrate(f"sqlite:///{database}")
    assert raw.execute("SELECT * FROM sqlite_master").fetchall() == before


def test_two_migrations_at_once_are_safe(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'frontdoor.db'}"
    program = [sys.executable, "-c", f"from handoff.store.migrate import migrate; migrate({url!r})"]
    both = [subprocess.Popen(program, stderr=subprocess.PIPE) for _ in range(2)]
    assert [(process.communicate()[1], process.returncode) for process in both] == [(b"", 0)] * 2
    assert is_current(url)


def test_file_and_folder_are_readable_by_us_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "frontdoor.db"
    migrate(f"sqlite:///{path}")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_asking_makes_nothing(tmp_path: Path) -> None:
    assert not is_current(f"sqlite:///{tmp_path / 'none.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_database_from_the_future_is_left_alone(database: Path, raw: sqlite3.Connection) -> None:
    raw.execute("UPDATE alembic_version SET version_num = 'later'")
    with pytest.raises(CannotMigrate, match="Mend: "):
        migrate(f"sqlite:///{database}")


def test_another_database_is_refused() -> None:
    with pytest.raises(CannotMigrate, match="Mend: "):
        migrate("postgresql+psycopg://localhost/frontdoor")


def test_every_guard_is_in_the_database(raw: sqlite3.Connection) -> None:
    there = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    written = {re.match(r"CREATE TRIGGER (\w+)", statement)[1] for statement in guards("sqlite")}  # type: ignore[index]
    assert there == written


def test_the_same_migrations_are_written_for_postgresql() -> None:
    """Written, not run: that needs a server."""
    out = io.StringIO()
    config = alembic_config()
    config.output_buffer = out
    config.attributes["offline"] = {"dialect_name": "postgresql", "as_sql": True}
    command.upgrade(config, "head", sql=True)
    written = out.getvalue()
    for table in Base.metadata.tables:
        assert f"CREATE TABLE {table} (" in written
    for statement in guards("postgresql"):
        assert statement in written
    assert "WHERE state <> 'closed'" in written
