"""Run by Alembic, with the connection that `migrate` gives; or without one, to write the SQL of another database."""

from __future__ import annotations

from alembic import context

from handoff.store.tables import Base

connection = context.config.attributes.get("connection")
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transactional_ddl=True,  # all of a migration or nothing, on SQLite too
    **context.config.attributes.get("offline", {}),
)
with context.begin_transaction():
    context.run_migrations()
