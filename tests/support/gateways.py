"""Where gateways that are killed stand: one on SQLite; on PostgreSQL several, with Redis between them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from running import SECRET, free_port, nobody, seed_database

from handoff.settings import Settings


def with_staff(url: str) -> None:
    """The texts are registered, and there are staff who have read them."""
    with tempfile.TemporaryDirectory() as var:
        seed_database(Settings(_env_file=None, var=Path(var), database=url))  # type: ignore[arg-type,call-arg]


def beside_each_other(folder: Path, url: str, how_many: int, **more: Any) -> list[Settings]:
    """Settings of gateways on one database and one key ring, each with a folder and a port of its own; no bot is there.

    The first one's folder is `folder/var0`, where a SQLite file must be already.
    """
    made = []
    for n in range(how_many):
        var = folder / f"var{n}"
        var.mkdir(mode=0o700, exist_ok=True)
        made.append(
            Settings(  # type: ignore[call-arg]
                _env_file=None,
                var=var,
                port=free_port(),
                bot_url=nobody(),
                bot_secret=SECRET,
                database=url,
                key_ring=folder / "keys",
                demonstration=True,
                **more,
            )
        )
    return made
