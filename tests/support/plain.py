"""A plain connection to a database of either kind, as any other program would have: no store, no models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Row, create_engine, text
from sqlalchemy.exc import DBAPIError

from handoff.store.address import address, is_sqlite

# What each says when it refuses, by what is refused.
REFUSALS = {
    "NOT NULL": ("NOT NULL", "null value in column"),
    "FOREIGN KEY": ("FOREIGN KEY", "foreign key"),
    "UNIQUE": ("UNIQUE", "unique constraint"),
    "CHECK": ("CHECK", "check constraint"),
}


class Plain:
    """Every statement is its own transaction, unless `begin` was said."""

    def __init__(self, url: str) -> None:
        self.sqlite = is_sqlite(url)
        self._engine = create_engine(address(url), isolation_level="AUTOCOMMIT")
        self._connection = self._engine.connect()
        if self.sqlite:
            self._connection.exec_driver_sql("PRAGMA foreign_keys=ON")

    def execute(self, statement: str, values: Mapping[str, Any] | None = None) -> list[Row[Any]]:
        result = self._connection.execute(text(statement), dict(values or {}))
        return list(result.all()) if result.returns_rows else []

    def one(self, statement: str, values: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row."""
        return self.execute(statement, values)[0][0]

    def begin(self) -> None:
        """From now on one transaction, which on SQLite may write."""
        self._connection.exec_driver_sql("BEGIN IMMEDIATE" if self.sqlite else "BEGIN")

    def rollback(self) -> None:
        self._connection.exec_driver_sql("ROLLBACK")

    def refuses(self, statement: str, values: Mapping[str, Any] | None = None, *, says: str) -> None:
        """`says`: one of REFUSALS or words of ours, then perhaps `.*` and the name of what it is about."""
        for word, each in REFUSALS.items():
            says = re.sub(rf"^{word}\b", each[0 if self.sqlite else 1], says)
        with pytest.raises(DBAPIError, match=f"(?s){says}") as refusal:
            self.execute(statement, values)
        assert type(refusal.value).__name__ == "IntegrityError", refusal.value

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()
