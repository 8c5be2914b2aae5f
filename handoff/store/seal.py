"""Sealing words: AES-256-GCM under the contact's own key, which a day key of the key ring wraps.

Each sealed value is bound to its contact and its place (`where`), so that a row moved elsewhere does not open.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from handoff.errors import FrontdoorError
from handoff.store.keys import KEY_BYTES, KeyMissing, KeyRing
from handoff.store.tables import ContactKey

_NONCE = 12  # bytes: 96 bits, random
_LONE = "surrogatepass"  # half a character from a broken keyboard is still stored and given back


class SealBroken(FrontdoorError):
    """Sealed words do not open: damaged, moved, or under another key. Never holds content."""

    code = "seal_broken"


class Seal:
    """Seals and opens the words of one contact."""

    def __init__(self, contact_id: str, key: bytes) -> None:
        self._contact_id = contact_id
        self._cipher = AESGCM(key)

    def seal(self, words: str, *, where: str) -> bytes:
        """nonce | ciphertext with tag. `where` names the place, e.g. `entry:12:body`."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, words.encode("utf-8", _LONE), self._bound(where))

    def open(self, sealed: bytes, *, where: str) -> str:
        """The words. Raises SealBroken."""
        try:
            opened = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._bound(where))
            return opened.decode("utf-8", _LONE)
        except (InvalidTag, ValueError):
            raise SealBroken(f"What is sealed at {where} does not open: it was damaged, moved or re-keyed.") from None

    def _bound(self, where: str) -> bytes:
        return f"{self._contact_id}|{where}".encode()


def make_seal(session: Session, ring: KeyRing, contact_id: str, day_id: str) -> Seal:
    """A new contact's key, kept wrapped in its ContactKey row. Raises KeyMissing."""
    key = secrets.token_bytes(KEY_BYTES)
    nonce = secrets.token_bytes(_NONCE)
    wrapped = nonce + AESGCM(ring.key(day_id)).encrypt(nonce, key, contact_id.encode())
    session.add(ContactKey(contact_id=contact_id, day_key_id=day_id, wrapped=wrapped))
    return Seal(contact_id, key)


def seal_of(session: Session, ring: KeyRing, contact_id: str) -> Seal:
    """The seal of a contact that is there. Raises KeyMissing (no key, or its day's key is gone) or SealBroken."""
    row = session.get(ContactKey, contact_id)
    if row is None:
        raise KeyMissing("This contact has no key: it was destroyed, or its row was. Its words cannot be read.")
    try:
        key = AESGCM(ring.key(row.day_key_id)).decrypt(row.wrapped[:_NONCE], row.wrapped[_NONCE:], contact_id.encode())
    except (InvalidTag, ValueError):
        raise SealBroken(
            f"A contact's key does not open with the key of {row.day_key_id}. Mend: the key ring belongs to another "
            "database, or the row was damaged; restore the two that belong together."
        ) from None
    return Seal(contact_id, key)
