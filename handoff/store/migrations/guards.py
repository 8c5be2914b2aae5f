"""Triggers of migration 0001, in the words of both databases. Released: a change is a new migration.

A policy text is never edited (R14), the audit only grows (promise 10), its head only moves forward, and an entry keeps
its place (promise 4).
"""

from __future__ import annotations

_TEXT = "a released text is never edited; release a new version"
_AUDIT = "the audit is append-only"
_HEAD = "the head of the audit only moves forward"
_ENTRY = "an entry keeps its contact and its seq"

# (name, event and table, condition, what is said)
_SQLITE = (
    ("policy_text_no_update", "UPDATE ON policy_text", "1", _TEXT),
    ("policy_text_no_delete", "DELETE ON policy_text", "1", _TEXT),
    ("audit_no_update", "UPDATE ON audit", "1", _AUDIT),
    ("audit_no_delete", "DELETE ON audit", "1", _AUDIT),
    ("audit_head_forward", "UPDATE ON audit_head", "NEW.id <> OLD.id OR NEW.n <= OLD.n", _HEAD),
    ("audit_head_no_delete", "DELETE ON audit_head", "1", _HEAD),
    (
        "entry_keeps_its_place",
        "UPDATE OF contact_id, seq ON entry",
        "NEW.contact_id <> OLD.contact_id OR NEW.seq <> OLD.seq",
        _ENTRY,
    ),
    # INSERT OR REPLACE deletes without a DELETE trigger unless the connection asks for one; no connection is trusted.
    (
        "policy_text_no_replace",
        "INSERT ON policy_text",
        "EXISTS (SELECT 1 FROM policy_text WHERE id = NEW.id OR "
        "(service, kind, version, lang) = (NEW.service, NEW.kind, NEW.version, NEW.lang))",
        _TEXT,
    ),
    ("audit_no_replace", "INSERT ON audit", "EXISTS (SELECT 1 FROM audit WHERE n = NEW.n)", _AUDIT),
    ("audit_head_no_replace", "INSERT ON audit_head", "EXISTS (SELECT 1 FROM audit_head)", _HEAD),
)

_POSTGRESQL = (
    ("policy_text_immutable", "UPDATE OR DELETE ON policy_text", "true", _TEXT),
    ("audit_append_only", "UPDATE OR DELETE ON audit", "true", _AUDIT),
    ("audit_head_forward", "UPDATE ON audit_head", "NEW.id <> OLD.id OR NEW.n <= OLD.n", _HEAD),
    ("audit_head_no_delete", "DELETE ON audit_head", "true", _HEAD),
    (
        "entry_keeps_its_place",
        "UPDATE OF contact_id, seq ON entry",
        "NEW.contact_id <> OLD.contact_id OR NEW.seq <> OLD.seq",
        _ENTRY,
    ),
)
_POSTGRESQL_WHOLE = (
    ("policy_text_no_truncate", "policy_text", _TEXT),
    ("audit_no_truncate", "audit", _AUDIT),
    ("audit_head_no_truncate", "audit_head", _HEAD),
)


def guards(dialect: str) -> list[str]:
    """The statements that make every trigger, for `sqlite` or `postgresql`."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE {event} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{said}'); END"
            for name, event, condition, said in _SQLITE
        ]
    if dialect == "postgresql":
        refuse = (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        rows = [
            f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse('{said}')"
            for name, event, condition, said in _POSTGRESQL
        ]
        whole = [
            f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse('{said}')"
            for name, table, said in _POSTGRESQL_WHOLE
        ]
        return [refuse, *rows, *whole]
    raise ValueError(f"no triggers are written for {dialect}")
