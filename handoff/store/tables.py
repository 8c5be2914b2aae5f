"""Every table. Plain: service, phase, band, levels, times. Sealed (`…_ct`): words, categories, spans, facts, notes.

The promises that a database can keep are kept here, so that no code can break them: a queue entry needs a notice
record of the same contact, a person's entry needs a verdict, one open queue entry a contact, a claim needs its lease.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from handoff.store.types import UtcTime


class Base(DeclarativeBase):
    type_annotation_map = {datetime: UtcTime(), bytes: LargeBinary(), str: String()}  # noqa: RUF012


class PolicyText(Base):
    """One released text, exactly as its file is. Immutable by trigger (R14)."""

    __tablename__ = "policy_text"
    id: Mapped[int] = mapped_column(primary_key=True)
    service: Mapped[str]
    kind: Mapped[str]
    version: Mapped[int]
    lang: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    sha256: Mapped[str]
    reviewed: Mapped[date]
    review_at: Mapped[date]  # R15
    __table_args__ = (UniqueConstraint("service", "kind", "version", "lang"),)


class ContactRow(Base):
    """One contact. `state_ct` is the sealed `contact.Contact`; the plain columns mirror what queries need."""

    __tablename__ = "contact"
    id: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(index=True)
    lang: Mapped[str] = mapped_column(default="en")
    phase: Mapped[str]
    epoch: Mapped[int] = mapped_column(default=0)
    last_seq: Mapped[int] = mapped_column(default=0)
    risk: Mapped[str] = mapped_column(default="none")
    risk_open: Mapped[bool] = mapped_column(default=False)
    uncertain: Mapped[bool] = mapped_column(default=False)
    ladder: Mapped[int] = mapped_column(default=0)
    card_seq: Mapped[int | None]  # the entry of the asking card the person stands at
    notice_seq: Mapped[int | None]  # the entry of the notice while unanswered
    state_ct: Mapped[bytes]
    opened_at: Mapped[datetime]
    last_seen: Mapped[datetime]
    left_how: Mapped[str | None]  # their last page went: exit (quick exit) | closed (by them) | lost (the line)
    back_at: Mapped[datetime | None]  # and they came back from that
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    destroy_after: Mapped[date | None]  # R11
    audit_ref: Mapped[str] = mapped_column(unique=True)
    token_hash: Mapped[bytes | None] = mapped_column(unique=True)
    continues: Mapped[str | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    __table_args__ = (
        CheckConstraint("phase IN ('with_bot', 'waiting', 'with_advisor', 'ended')"),
        CheckConstraint("risk IN ('none', 'concern', 'immediate')"),
        CheckConstraint("(phase = 'ended') = (ended_at IS NOT NULL)"),
    )


class ContactKey(Base):
    """The contact's own key, wrapped by a day key that lives in the key ring, outside the database."""

    __tablename__ = "contact_key"
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    day_key_id: Mapped[str] = mapped_column(index=True)
    wrapped: Mapped[bytes]


class EntryRow(Base):
    """One entry of the transcript, in order, once."""

    __tablename__ = "entry"
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    author: Mapped[str]
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[str]
    client_id: Mapped[str | None]
    card: Mapped[str | None]
    text_id: Mapped[int | None] = mapped_column(ForeignKey("policy_text.id"))  # exactly what was shown
    body_ct: Mapped[bytes]
    risk: Mapped[str | None]
    abuse: Mapped[str | None]
    uncertain: Mapped[bool | None]
    verdict_ct: Mapped[bytes | None]
    for_bot: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("contact_id", "author", "client_id"),
        CheckConstraint("author IN ('person', 'bot', 'advisor', 'service')"),
        CheckConstraint("kind IN ('words', 'card', 'choice', 'reply', 'event')"),
        # Promise 2: the database refuses what was not screened.
        CheckConstraint(
            "author <> 'person' OR (risk IS NOT NULL AND abuse IS NOT NULL AND uncertain IS NOT NULL)",
            name="every_message_is_screened",
        ),
    )


class ReadMark(Base):
    __tablename__ = "read_mark"
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    party: Mapped[str] = mapped_column(primary_key=True)  # person | staff
    delivered: Mapped[int] = mapped_column(default=0)
    read: Mapped[int] = mapped_column(default=0)


class Fact(Base):
    """Words kept under a name ("need", "name"): the person's own, verbatim (M7)."""

    __tablename__ = "fact"
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    value_ct: Mapped[bytes]


class BotTurn(Base):
    """The one turn in flight; the row is the lock. `next_from`: words that came meanwhile, for the next turn."""

    __tablename__ = "bot_turn"
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    turn: Mapped[str]
    epoch: Mapped[int]
    from_seq: Mapped[int]
    through_seq: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(index=True)
    next_from: Mapped[int | None]
    next_due_at: Mapped[datetime | None]
    leased_by: Mapped[str | None]
    lease_until: Mapped[datetime | None]


class NoticeRecord(Base):
    """Which notice was sent, and what became of it. Sent is the condition; the rest is recorded (promise 1)."""

    __tablename__ = "notice_record"
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    text_id: Mapped[int] = mapped_column(ForeignKey("policy_text.id"))
    seq: Mapped[int]
    sha256: Mapped[str]  # of the words as shown
    lang: Mapped[str]
    sent_at: Mapped[datetime]
    displayed_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("contact_id", "id"),)


class QueueEntry(Base):
    """A place in the queue. `lease_no` fences late writes of someone who no longer holds the contact."""

    __tablename__ = "queue_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    notice_id: Mapped[int]
    service: Mapped[str]
    queue: Mapped[str]
    band: Mapped[int]
    entered_at: Mapped[datetime]
    band_since: Mapped[datetime | None]  # unclaimed in this band since: what the on-call clock counts from
    returned: Mapped[bool] = mapped_column(default=False)  # given back: front of the band
    state: Mapped[str] = mapped_column(default="waiting")
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    claimed_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_no: Mapped[int] = mapped_column(default=0)
    unanswered_since: Mapped[datetime | None]  # claimed, and the person has heard nothing since; null once they have
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        # Promise 1: no place in the queue without the notice of this very contact.
        ForeignKeyConstraint(
            ["contact_id", "notice_id"],
            ["notice_record.contact_id", "notice_record.id"],
            ondelete="CASCADE",
            name="notice_first",
        ),
        CheckConstraint("state IN ('waiting', 'claimed', 'closed')"),
        CheckConstraint("band BETWEEN 0 AND 4"),
        CheckConstraint("state <> 'claimed' OR (staff_id IS NOT NULL AND lease_until IS NOT NULL)"),
        CheckConstraint("state <> 'waiting' OR (staff_id IS NULL AND lease_until IS NULL)"),
        Index(
            "one_open_queue_entry",
            "contact_id",
            unique=True,
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index("queue_order", "queue", "state", "band", "entered_at", "id"),
        Index("queue_of_staff", "staff_id", "state"),
    )


class Wait(Base):
    """How long somebody waited for their first claim, as a number and nothing else: it points at nobody."""

    __tablename__ = "wait"
    id: Mapped[int] = mapped_column(primary_key=True)
    queue: Mapped[str]
    band: Mapped[int]
    at: Mapped[datetime]
    waited_s: Mapped[int]
    __table_args__ = (Index("recent_waits", "queue", "band", "at"),)


class Declined(Base):
    """An advisor let this place be: it stays where it is, for the others."""

    __tablename__ = "declined"
    place_id: Mapped[int] = mapped_column(ForeignKey("queue_entry.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    at: Mapped[datetime]


class Invited(Base):
    """A colleague reads this contact because its advisor asked. Good only for the lease by which it was asked."""

    __tablename__ = "invited"
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    how: Mapped[str]  # transfer (warm: asked to take over) | consult | handed (cold: is theirs)
    reason: Mapped[str | None]  # one of a list, never words
    asker_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    lease_no: Mapped[int]
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("how IN ('transfer', 'consult', 'handed')"),
        CheckConstraint("staff_id <> asker_id"),
    )


class Paging(Base):
    """The on-call contact is called for one place in the queue, once for each time nobody claimed it. No words."""

    __tablename__ = "paging"
    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("queue_entry.id", ondelete="CASCADE"))
    lease_no: Mapped[int]  # of the place: given back is another wait
    state: Mapped[str] = mapped_column(default="trying")  # trying | sent | failed
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]  # of the last try: a kind, never words
    at: Mapped[datetime]
    next_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("place_id", "lease_no"),
        CheckConstraint("state IN ('trying', 'sent', 'failed')"),
    )


class LadderStep(Base):
    """One rung, and when its warning was really on the person's screen."""

    __tablename__ = "ladder_step"
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]  # of the card shown
    because_seq: Mapped[int | None]  # the message it answers
    text_id: Mapped[int] = mapped_column(ForeignKey("policy_text.id"))
    clause: Mapped[str]
    by: Mapped[str]  # "software" or a staff id
    sent_at: Mapped[datetime]
    displayed_at: Mapped[datetime | None]


class ModerationCase(Base):
    """A moderator reviews every ending for abuse (promise 12); never the one who ended it."""

    __tablename__ = "moderation_case"
    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), unique=True)
    state: Mapped[str] = mapped_column(default="open")  # open | taken | decided
    opened_at: Mapped[datetime]
    ended_by: Mapped[str]  # "software" or a staff id
    was_risk: Mapped[bool]
    why_ct: Mapped[bytes | None]
    moderator_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    outcome: Mapped[str | None]
    reason_ct: Mapped[bytes | None]
    decided_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("state IN ('open', 'taken', 'decided')"),
        CheckConstraint("(state = 'open') = (moderator_id IS NULL)"),
        CheckConstraint("moderator_id IS NULL OR moderator_id <> ended_by", name="never_the_one_who_ended_it"),
        CheckConstraint("(state = 'decided') = (outcome IS NOT NULL)"),
    )


class Note(Base):
    """Between staff, never visible to the person, part of the record (M10, M11). Its own sequence: no gap tells."""

    __tablename__ = "note"
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]  # note | wrap_up
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    client_id: Mapped[str]
    body_ct: Mapped[bytes]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("contact_id", "staff_id", "client_id"),)


class Complaint(Base):
    """M14: outside the advisor's control; supervisors read it."""

    __tablename__ = "complaint"
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[str]
    body_ct: Mapped[bytes]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("contact_id", "client_id"),)


class Alarm(Base):
    """A supervisor is to look now."""

    __tablename__ = "alarm"
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    what: Mapped[str]
    at: Mapped[datetime]
    seen_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    __table_args__ = (UniqueConstraint("contact_id", "what"),)


class Staff(Base):
    """A working name only (M9)."""

    __tablename__ = "staff"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    paused_at: Mapped[datetime | None]  # no claims for now; the queue stays in sight
    created_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("role IN ('advisor', 'moderator', 'supervisor')"),)


class StaffSession(Base):
    __tablename__ = "staff_session"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class StaffAck(Base):
    """R13: staff acknowledge the current policy before their first claim, and again when it changes."""

    __tablename__ = "staff_ack"
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    text_id: Mapped[int] = mapped_column(ForeignKey("policy_text.id"), primary_key=True)
    at: Mapped[datetime]


class GatewayRow(Base):
    """One gateway process, alive until then; it says so again every few seconds."""

    __tablename__ = "gateway"
    id: Mapped[str] = mapped_column(primary_key=True)  # made anew at each start; names no machine
    until: Mapped[datetime]


class Page(Base):
    """A page of this contact is connected to that gateway."""

    __tablename__ = "page"
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    gateway_id: Mapped[str] = mapped_column(ForeignKey("gateway.id", ondelete="CASCADE"), primary_key=True, index=True)


class Room(Base):
    """A room of this member of staff is open at that gateway."""

    __tablename__ = "room"
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    gateway_id: Mapped[str] = mapped_column(ForeignKey("gateway.id", ondelete="CASCADE"), primary_key=True, index=True)


class Audit(Base):
    """What was done, in order, chained by hash, without content. Append-only by trigger (promise 10)."""

    __tablename__ = "audit"
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]  # "software", "person", or a staff id
    action: Mapped[str]
    ref: Mapped[str | None]  # contact.audit_ref: destruction unlinks it without touching the chain
    detail: Mapped[str]
    prev: Mapped[str]
    hash: Mapped[str]


class AuditHead(Base):
    """The newest link, so that a cut tail shows."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int]
    hash: Mapped[str]
    __table_args__ = (CheckConstraint("id = 1"),)
