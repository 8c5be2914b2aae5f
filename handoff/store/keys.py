"""The key ring: one key a day, in a folder outside the database and its backups.

Every contact's own key is wrapped by the key of the day it began (seal.py). When the last contact of a day is
destroyed its day key goes too, and no copy of the database, however old, can be read again (R11, promise 11).
"""

from __future__ import annotations

import os
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path

from handoff.errors import FrontdoorError

KEY_BYTES = 32
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class KeyMissing(FrontdoorError):
    """What was sealed by this day's key cannot be read."""

    code = "key_missing"


class KeyRingUnsafe(FrontdoorError):
    """Others on this machine could read the keys."""

    code = "key_ring_unsafe"


class KeyRing:
    """Day keys of 32 random bytes, one file a day (UTC), named by the day: `2026-11-22`.

    Several processes may share a folder: whichever makes a day's key first, all use it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: dict[str, bytes] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _refuse_if_open_to_others(folder, mend="700")

    def today(self, now: datetime) -> str:
        """The id of the day key for `now`; made if it is not there yet."""
        if now.tzinfo is None:
            raise ValueError("a day key needs a time with a zone")
        day_id = now.astimezone(UTC).date().isoformat()
        if day_id not in self._keys:
            if not self._path(day_id).exists():
                self._make(day_id)
            self.key(day_id)
        return day_id

    def key(self, day_id: str) -> bytes:
        """The key's bytes. Raises KeyMissing."""
        if day_id not in self._keys:
            self._keys[day_id] = self._read(day_id)
        return self._keys[day_id]

    def _path(self, day_id: str) -> Path:
        return self._folder / day_id

    def _read(self, day_id: str) -> bytes:
        if not _DAY.fullmatch(day_id):
            raise KeyMissing(
                "A day key is named by a day, like 2026-11-22. Mend: the database row that asks is damaged."
            )
        path = self._path(day_id)
        try:
            _refuse_if_open_to_others(path, mend="600")
            key = path.read_bytes()
        except FileNotFoundError:
            raise KeyMissing(
                f"The key of {day_id} is not in the key ring {self._folder}. Mend: point FRONTDOOR_KEY_RING at the "
                "folder this database was used with, or restore that folder; without the key those words stay sealed."
            ) from None
        if len(key) != KEY_BYTES:
            raise KeyMissing(
                f"The key of {day_id} in {self._folder} is damaged ({len(key)} bytes, not {KEY_BYTES}). "
                "Mend: restore that file."
            )
        return key

    def _make(self, day_id: str) -> None:
        """Whole and on the disk, or not at all; whoever comes second keeps the first one's."""
        made = self._folder / f".{day_id}-{secrets.token_hex(8)}"
        try:
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(made, self._path(day_id))
            except FileExistsError:
                return
        finally:
            made.unlink(missing_ok=True)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _refuse_if_open_to_others(path: Path, *, mend: str) -> None:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise KeyRingUnsafe(
            f"Others on this machine can reach {path} (mode {mode:03o}). Mend: chmod {mend} {path}, "
            "and think about who may have read it."
        )
