"""Migrations make exactly the tables that the program believes in, on both databases."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from databases import Databases
from plain import Plain
from sqlalchemy import create_engine

from handoff.store.address import UnknownDatabase, address
from handoff.store.migrate import CannotMigrate, is_current, migrate
from handoff.store.migrations.guards import guards
from handoff.store.tables import Base


@pytest.fixture
def bare(kind: str, databases: Databases, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Addresses of databases in which there is nothing at all; on SQLite not even a file."""
    made: list[str] = []

    def make() -> str:
        name = f"bare{len(made)}_{abs(hash(tmp_path)):x}"
        made.append(
            f"sqlite:///{tmp_path / name / 'frontdoor.db'}" if kind == "sqlite" else databases.postgres.create(name)
        )
        return made[-1]

    yield make
    for url in made:
        databases.drop(url)


def test_models_and_migrations_agree(url: str) -> None:
    engine = create_engine(address(url))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_models_and_migrations_agree_to_the_last_constraint(url: str, raw: Plain, bare: Callable[[], str]) -> None:
    """compare_metadata does not look at CHECKs, nor at what happens on delete."""
    modelled = bare()
    if raw.sqlite:
        Path(str(address(modelled).database)).parent.mkdir()
    engine = create_engine(address(modelled))
    Base.metadata.create_all(engine)
    engine.dispose()
    other = Plain(modelled)
    assert _made(raw) == _made(other)
    other.close()


def _made(plain: Plain) -> set[tuple[str, ...]]:
    """Every table, constraint and index as its name and the set of its clauses, in whatever order they stand."""
    if plain.sqlite:
        rows = plain.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL")
    else:
        rows = plain.execute(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0 UNION "
            "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' UNION "
            "SELECT table_name, concat_ws(' ', column_name, data_type, is_nullable, column_default) "
            "FROM information_schema.columns WHERE table_schema = 'public'"
        )
    return {
        (name, *sorted(_clauses(sql) if plain.sqlite else sql.splitlines()))
        for name, sql in rows
        if name != "alembic_version"
    }


def _clauses(sql: str) -> list[str]:
    """The parts of a CREATE statement between its outermost commas: a column added later stands behind the checks."""
    head, _, rest = " ".join(sql.split()).partition("(")
    clauses, depth = [""], 0
    for sign in rest.rpartition(")")[0]:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            clauses.append("")
        else:
            clauses[-1] += sign
    return [head.replace('"', ""), *(clause.strip().replace("( ", "(").replace(" )", ")") for clause in clauses)]


def test_migrating_again_changes_nothing(url: str, raw: Plain) -> None:
    before = _made(raw)
    migrate(url)
    assert _made(raw) == before


def test_two_migrations_at_once_are_safe(bare: Callable[[], str]) -> None:
    url = bare()
    program = [sys.executable, "-c", f"from handoff.store.migrate import migrate; migrate({url!r})"]
    both = [subprocess.Popen(program, stderr=subprocess.PIPE) for _ in range(2)]
    assert [(process.communicate()[1], process.returncode) for process in both] == [(b"", 0)] * 2
    assert is_current(url)


def test_file_and_folder_are_readable_by_us_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "frontdoor.db"
    migrate(f"sqlite:///{path}")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_asking_makes_nothing(bare: Callable[[], str], tmp_path: Path) -> None:
    url = bare()
    assert not is_current(url)
    if url.startswith("sqlite"):
        assert list(tmp_path.iterdir()) == []
    else:
        plain = Plain(url)
        assert plain.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
        plain.close()


def test_a_database_from_the_future_is_left_alone(url: str, raw: Plain) -> None:
    raw.execute("UPDATE alembic_version SET version_num = 'later'")
    before = _made(raw)
    with pytest.raises(CannotMigrate, match="Mend: "):
        migrate(url)
    assert _made(raw) == before


def test_another_database_is_refused() -> None:
    with pytest.raises(UnknownDatabase, match="Mend: "):
        migrate("mysql://localhost/frontdoor")


def test_every_guard_is_in_the_database(raw: Plain, kind: str) -> None:
    there = raw.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if raw.sqlite
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    written = {found[1] for said in guards(kind) if (found := re.match(r"CREATE TRIGGER (\w+)", said))}
    assert {name for (name,) in there} == written
