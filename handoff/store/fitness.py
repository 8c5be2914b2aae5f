"""Whether the database keeps what our promises need of it and we cannot set ourselves. For `frontdoor doctor`."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_LASTING = {
    "fsync": "A power cut would lose what was acknowledged (promise 4). Mend: fsync = on in postgresql.conf.",
    "full_page_writes": "A power cut could damage the database. Mend: full_page_writes = on in postgresql.conf.",
}
_OPEN_LINE = (
    "The line to the database is not encrypted, and its server is another machine. "
    "Mend: ?sslmode=verify-full at the end of FRONTDOOR_DATABASE, and a certificate on the server."
)
_ELSEWHERE = text(
    "SELECT NOT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) "
    "AND inet_server_addr() IS NOT NULL AND inet_client_addr() <> inet_server_addr()"
)


def unfit(session: Session) -> list[str]:
    """What is wrong, each with its mend. SQLite: nothing can be; its settings are all ours."""
    if session.get_bind().dialect.name != "postgresql":
        return []
    problems = [words for name, words in _LASTING.items() if session.scalar(text(f"SHOW {name}")) != "on"]
    return [*problems, _OPEN_LINE] if session.scalar(_ELSEWHERE) else problems
