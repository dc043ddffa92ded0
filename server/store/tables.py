"""The tables. (Long: one schema is read in one piece.) What must never happen is a constraint here, not only a check:

no label twice in a day, no two tickets in one hand, no two attendants at one counter, no two jobs for one copy.

On SQLite an index must earn its place: a commit writes each page that it touched to the log, and those writes are most
of what a ticket costs there. Tables that only grow have rowids, small ones that are rewritten in place have none
(docs/decisions/0003).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from server.store.types import Day, Instant, Json, SharedJson

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

unit = Table(
    "unit",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("position", Integer, nullable=False, default=0),
    Column("name", String(120), nullable=False),
    Column("header", String(120), nullable=False, default=""),
    Column("address", String(200), nullable=False, default=""),
    Column("timezone", String(60), nullable=False),
    Column("hours", SharedJson, nullable=False),
    Column("holidays", SharedJson, nullable=False),
    Column("settings", SharedJson, nullable=False),  # courtesy rules, ticket message, languages
    Column("policy", SharedJson, nullable=False),  # the preset in force (DOMAIN 4)
    Column("day", Day, nullable=False),  # the business day now open
    Column("day_seq", BigInteger, nullable=False, default=0),  # journal number at which that day began
    Column(
        "seq", BigInteger, nullable=False, default=0
    ),  # last number of the journal, taken under the unit's lock
    Column("chain", String(64), nullable=False, default=""),  # hash of the journal's latest entry
    Column("catalog_version", Integer, nullable=False, default=1),
    sqlite_with_rowid=False,
)

category = Table(
    "category",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("position", Integer, nullable=False, default=0),
    Column("icon", String(40), nullable=False, default="folder"),
    Column("name", Json, nullable=False),  # {"pt-BR": …, "en": …, "es": …}
)

service = Table(
    "service",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("category", ForeignKey("category.id"), nullable=False),
    Column("position", Integer, nullable=False, default=0),
    Column("prefix", String(4), nullable=False),
    Column("name", Json, nullable=False),
    Column("official_name", String(200), nullable=False, default=""),
    Column("description", Json, nullable=False),
    Column("documents", Json, nullable=False),
    Column("keywords", Json, nullable=False),
    Column("target_minutes", Integer, nullable=False, default=15),
    Column("typical_seconds", Integer, nullable=False, default=480),
)

unit_service = Table(
    "unit_service",
    metadata,
    Column("unit", ForeignKey("unit.id"), primary_key=True),
    Column("service", ForeignKey("service.id"), primary_key=True),
    Column("open", Boolean, nullable=False, default=True),
    Column("hours", Json),  # None: the unit's hours
    Column("daily_cap", Integer),
    Column("pace_seconds", Float),  # recent mean time at the counter; None until the first one is served
)

series = Table(
    "series",
    metadata,
    Column("unit", ForeignKey("unit.id"), primary_key=True),
    Column("prefix", String(5), primary_key=True),
    Column("first", Integer, nullable=False, default=1),
    Column("last", Integer, nullable=False, default=9999),
    Column("step", Integer, nullable=False, default=1),
    Column("daily_cap", Integer),
)

series_state = Table(
    "series_state",
    metadata,
    Column("unit", ForeignKey("unit.id"), primary_key=True),
    Column("day", Day, primary_key=True),
    Column("prefix", String(5), primary_key=True),
    Column("last_number", Integer, nullable=False),
    Column("issued", Integer, nullable=False),
    Column("lap", Integer, nullable=False, default=0),
    sqlite_with_rowid=False,
)

lane = Table(
    # How many wait per service and tier. Kept under the unit's lock so that neither the board nor a call has to count
    # the queue; CHECK makes a wrong count an error instead of a wrong screen.
    "lane",
    metadata,
    Column("unit", ForeignKey("unit.id"), primary_key=True),
    Column("service", ForeignKey("service.id"), primary_key=True),
    Column("tier", String(12), primary_key=True),
    Column("waiting", Integer, nullable=False),
    CheckConstraint("waiting >= 0", name="waiting_not_negative"),
    sqlite_with_rowid=False,
)

profile = Table(
    "profile",
    metadata,
    Column("unit", ForeignKey("unit.id"), primary_key=True),
    Column("id", String(60), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("dedicated", Boolean, nullable=False, default=False),
    Column("levels", Json, nullable=False),  # [{"services": […], "overflow_seconds": …}]
)

account = Table(
    "account",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("username", String(60), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("role", String(20), nullable=False),
    Column("unit", ForeignKey("unit.id")),  # None: every unit
    Column("password_hash", String(200), nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account", ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf_token", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("unit", ForeignKey("unit.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False, default=0),
    Column("number", String(12), nullable=False),
    Column("kind", String(12), nullable=False, default="desk"),
    Column("name", String(60), nullable=False, default=""),
    Column("profile", String(60), nullable=False),
    Column("zone", String(40), nullable=False, default=""),
    Column("state", String(8), nullable=False, default="closed"),
    Column("attendant", ForeignKey("account.id")),
    Column("attendant_name", String(120)),
    Column("since", Instant),
    Column("pause_reason", String(120)),
    Column("priority_run", Integer, nullable=False, default=0),  # memory of ratio mode
    Column("normal_owed", Integer, nullable=False, default=0),
    Column(
        "free_since", Instant
    ),  # since when it is open with nobody in hand; while it has somebody: of before
    UniqueConstraint("unit", "kind", "number"),
    # At most one counter per attendant; a counter's single column makes it at most one attendant per counter.
    Index("uq_counter_attendant", "attendant", unique=True),
    CheckConstraint("(state = 'closed') = (attendant IS NULL)", name="open_has_attendant"),
)

IN_HAND = text("state IN ('called', 'serving')")
# Not as IN: for more than two words SQLite would build a table of them at each write of a row. Nor as OR: then it would
# take this index, as long as the queue, for what only a few rows of another one answer.
ALIVE = text("state <> 'finished' AND state <> 'no_show' AND state <> 'cancelled' AND state <> 'expired'")
_WAITING = text("state = 'waiting'")
_ON_BOARD = text("board_seq IS NOT NULL")

ticket = Table(
    "ticket",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("unit", ForeignKey("unit.id"), nullable=False),
    Column("day", Day, nullable=False),
    Column("label", String(16), nullable=False),
    Column("prefix", String(5), nullable=False),
    Column("number", Integer, nullable=False),
    Column("lap", Integer, nullable=False, default=0),
    Column("service", ForeignKey("service.id"), nullable=False),
    Column("tier", String(12), nullable=False),
    Column("language", String(8), nullable=False),
    Column("state", String(12), nullable=False),
    Column("origin", String(12), nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("arrival_at", Instant, nullable=False),
    Column("waiting_since", Instant),
    Column("appointment_at", Instant),
    Column("counter", ForeignKey("counter.id")),
    Column("attendant", ForeignKey("account.id")),
    Column("reserved_counter", ForeignKey("counter.id")),
    Column("reserved_attendant", ForeignKey("account.id")),
    Column("calls", Integer, nullable=False, default=0),
    Column("called_at", Instant),
    Column("last_call_at", Instant),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("reason", String(30)),
    Column("reason_detail", Json),
    Column("note", String(500), nullable=False, default=""),
    Column("resolution", String(12)),
    Column("performed", Json, nullable=False),
    Column("wait_seconds", Integer, nullable=False, default=0),
    Column("walk_seconds", Integer, nullable=False, default=0),
    Column("service_seconds", Integer, nullable=False, default=0),
    Column("stay_seconds", Integer),
    Column("late_at", Instant),
    Column("version", Integer, nullable=False, default=1),
    # Beyond the domain's record: the door key of the follow page, who issued it, and its line on the board.
    Column("follow_token", String(32), nullable=False, unique=True),
    Column("issued_by", String(60), nullable=False),
    Column("board_seq", BigInteger),
    Column("board_line", Json),
    Column("first_service", String(60)),  # for which it was given out: the daily cap counts that one
    UniqueConstraint("unit", "day", "label", "lap"),
    Index(
        "uq_ticket_alive_label",
        "unit",
        "day",
        "label",
        unique=True,
        sqlite_where=ALIVE,
        postgresql_where=ALIVE,
    ),
    Index(
        "uq_ticket_counter_in_hand", "counter", unique=True, sqlite_where=IN_HAND, postgresql_where=IN_HAND
    ),
    Index(
        "uq_ticket_attendant_in_hand",
        "attendant",
        unique=True,
        sqlite_where=IN_HAND,
        postgresql_where=IN_HAND,
    ),
    Index(
        "ix_ticket_lane",
        "unit",
        "service",
        "tier",
        "arrival_at",
        "id",
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    ),
    Index(
        "ix_ticket_reserved",
        "unit",
        "reserved_counter",
        "reserved_attendant",
        sqlite_where=text(
            "state = 'waiting' AND (reserved_counter IS NOT NULL OR reserved_attendant IS NOT NULL)"
        ),
        postgresql_where=text(
            "state = 'waiting' AND (reserved_counter IS NOT NULL OR reserved_attendant IS NOT NULL)"
        ),
    ),
    Index("ix_ticket_board", "unit", "board_seq", sqlite_where=_ON_BOARD, postgresql_where=_ON_BOARD),
)

_TOLD = text("ticket IS NOT NULL")
journal = Table(
    "journal",
    metadata,
    Column("unit", ForeignKey("unit.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("type", String(24), nullable=False),
    Column("ticket", String(36)),
    Column("data", Json, nullable=False),
    Column("hash", String(64), nullable=False),  # over this entry and the one before (domain.chain)
    Index("ix_journal_ticket", "ticket", "seq", sqlite_where=_TOLD, postgresql_where=_TOLD),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("sender", String(60), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("unit", ForeignKey("unit.id"), nullable=False),
    Column("day", Day, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("body", Text, nullable=False),
)

device = Table(
    "device",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("unit", ForeignKey("unit.id"), nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    Column("name", String(80), nullable=False),
    Column("token_hash", String(64), unique=True),
    Column("printer", ForeignKey("device.id")),  # a kiosk's printer
    Column("also", Json),  # further units that a kiosk and its printer serve; None: its own only
    Column("created_at", Instant, nullable=False),
    Column("paired_at", Instant),
    Column("revoked_at", Instant),
    Column("last_seen_at", Instant),
    Column("state", Json, nullable=False),
    Column("orders", Json),  # a printer's: {"paused", "roll"}; None until the staff have said anything
)

pairing_code = Table(
    "pairing_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("device", ForeignKey("device.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", Instant, nullable=False),
)

OPEN_JOB = text(
    "(state = 'queued' OR state = 'claimed' OR state = 'preflight'"
    " OR state = 'sending' OR state = 'sent' OR state = 'blocked')"
)
print_job = Table(
    "print_job",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("unit", ForeignKey("unit.id"), nullable=False),
    Column("ticket", ForeignKey("ticket.id"), nullable=False),
    Column("copy", Integer, nullable=False),
    Column("printer", ForeignKey("device.id")),
    Column("asked_by", String(60), nullable=False),
    Column("reason", String(120), nullable=False, default=""),
    Column("promise", Json, nullable=False),  # people ahead and forecast, as the citizen was told them
    Column("state", String(12), nullable=False),
    Column("cause", String(20)),
    Column("detail", String(200)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("lease_holder", String(36)),
    Column("lease_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("millimetres", Integer),
    Column("confirm_ms", Integer),
    UniqueConstraint("ticket", "copy"),
    Index("ix_print_job_open", "printer", "created_at", sqlite_where=OPEN_JOB, postgresql_where=OPEN_JOB),
)

push = Table(
    # Telephones that asked to be told of their ticket's call. Gone with the end of the visit, at the latest of the day.
    "push",
    metadata,
    Column("id", String(64), primary_key=True),  # of ticket and address
    Column("ticket", ForeignKey("ticket.id"), nullable=False, index=True),
    Column("unit", ForeignKey("unit.id"), nullable=False),
    Column("day", Day, nullable=False),
    Column("endpoint", String(1000), nullable=False),
    Column("p256dh", String(100), nullable=False),
    Column("auth", String(40), nullable=False),
    Column("language", String(8), nullable=False),
    Column("told", BigInteger, nullable=False, default=0),  # number of the latest call that it was told
    Column("created_at", Instant, nullable=False),
)

rating = Table(
    # What citizens thought of their visits. On purpose without a foreign key: the figures of a year (Lei 13.460/2017
    # art. 23) outlive the tickets, and name neither the citizen nor the attendant.
    "rating",
    metadata,
    Column("ticket", String(36), primary_key=True),
    Column("unit", ForeignKey("unit.id"), nullable=False),
    Column("day", Day, nullable=False),
    Column("label", String(16), nullable=False),
    Column("service", ForeignKey("service.id"), nullable=False),
    Column("score", Integer, nullable=False),
    Column("comment", String(500), nullable=False, default=""),
    Column("at", Instant, nullable=False),
    CheckConstraint("score BETWEEN 1 AND 5", name="score_one_to_five"),
    Index("ix_rating_day", "unit", "day", "at"),
    sqlite_with_rowid=False,
)

unit_logo = Table(
    # Beside the unit and not in its settings: those are read with every command.
    "unit_logo",
    metadata,
    Column("unit", ForeignKey("unit.id"), primary_key=True),
    Column("png", Text, nullable=False),  # base64, one bit a dot, ready for any printer
    Column("changed_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("unit", String(40)),
    Column("actor", String(80), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("detail", Json, nullable=False),
)
