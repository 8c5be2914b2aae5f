"""Day keys: ours alone, whole or not there, one a day whoever asks."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from handoff.store.keys import KeyMissing, KeyRing, KeyRingUnsafe

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_folder_and_keys_are_readable_by_us_alone(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "keys")
    assert ring.today(NOW) == "2026-11-22"
    assert mode(tmp_path / "keys") == 0o700
    assert [(path.name, mode(path)) for path in (tmp_path / "keys").iterdir()] == [("2026-11-22", 0o600)]


@pytest.mark.parametrize("open_to", [0o755, 0o750, 0o701, 0o710])
def test_a_folder_that_others_can_reach_is_refused(tmp_path: Path, open_to: int) -> None:
    folder = tmp_path / "keys"
    KeyRing(folder)
    folder.chmod(open_to)
    with pytest.raises(KeyRingUnsafe, match=f"Mend: chmod 700 {folder}"):
        KeyRing(folder)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    day = KeyRing(folder).today(NOW)
    (folder / day).chmod(0o644)
    with pytest.raises(KeyRingUnsafe, match="Mend: chmod 600"):
        KeyRing(folder).key(day)


def test_a_key_is_the_same_all_day_in_every_zone_and_after_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    ring = KeyRing(folder)
    days = {
        ring.today(NOW),
        ring.today(NOW.replace(hour=23, minute=59)),
        ring.today(NOW.astimezone(timezone(timedelta(hours=-9)))),
    }
    assert days == {"2026-11-22"}
    assert KeyRing(folder).key("2026-11-22") == ring.key("2026-11-22")
    assert len(ring.key("2026-11-22")) == 32


def test_every_day_has_another_key(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "keys")
    keys = {ring.key(ring.today(NOW + timedelta(days=n))) for n in range(10)}
    assert len(keys) == 10


def test_many_who_ask_first_get_one_key(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    rings = [KeyRing(folder) for _ in range(8)]
    together, keys = threading.Barrier(len(rings)), []

    def ask(ring: KeyRing) -> None:
        together.wait()
        keys.append(ring.key(ring.today(NOW)))

    threads = [threading.Thread(target=ask, args=(ring,)) for ring in rings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(keys), len(set(keys))) == (8, 1)
    assert [path.name for path in folder.iterdir()] == ["2026-11-22"]


@pytest.mark.parametrize("day", ["2026-11-21", "../secret", "", "2026-11-22/../x"])
def test_a_key_that_is_not_there_is_said(tmp_path: Path, day: str) -> None:
    with pytest.raises(KeyMissing, match="Mend: "):
        KeyRing(tmp_path / "keys").key(day)


def test_a_damaged_key_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    day = KeyRing(folder).today(NOW)
    (folder / day).write_bytes(b"short")
    with pytest.raises(KeyMissing, match=r"damaged.*Mend: "):
        KeyRing(folder).key(day)


def test_a_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zone"):
        KeyRing(tmp_path / "keys").today(datetime(2026, 11, 22))
