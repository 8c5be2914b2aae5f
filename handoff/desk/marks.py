"""How far each side of a contact has got. The other side's page shows it.

*Delivered*: entries up to this one have reached a page. *Read*: this very entry was on the screen of a page that is
being looked at. Both only go forward, and nothing is marked that the page did not say of itself.
"""

from __future__ import annotations

from typing import Literal

from handoff.desk.office import Unit
from handoff.store.hold import hold
from handoff.store.tables import ReadMark

Party = Literal["person", "staff"]


def got(unit: Unit, contact_id: str, party: Party, *, seq: int) -> None:
    """A page of `party` has every entry up to `seq`."""
    _reach(unit, contact_id, party, delivered=seq)


def read(unit: Unit, contact_id: str, party: Party, *, seq: int) -> None:
    """`party` has looked at entry `seq`; so their page has it, too."""
    _reach(unit, contact_id, party, delivered=seq, read=seq)


def _reach(unit: Unit, contact_id: str, party: Party, *, delivered: int, read: int = 0) -> None:
    row = hold(unit.session, contact_id)
    if row is None or not 0 < delivered <= row.last_seq:
        return
    mark = unit.session.get(ReadMark, (contact_id, party))
    if mark is None:
        mark = ReadMark(contact_id=contact_id, party=party, delivered=0, read=0)
        unit.session.add(mark)
    if delivered > mark.delivered or read > mark.read:
        mark.delivered, mark.read = max(delivered, mark.delivered), max(read, mark.read)
        unit.touched.add(contact_id)
