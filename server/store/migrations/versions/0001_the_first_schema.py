"""The first schema. Long because a migration is one list of what existed then, frozen and never refactored."""

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ALIVE = sa.text("state <> 'finished' AND state <> 'no_show' AND state <> 'cancelled' AND state <> 'expired'")
OPEN_JOB = sa.text(
    "(state = 'queued' OR state = 'claimed' OR state = 'preflight'"
    " OR state = 'sending' OR state = 'sent' OR state = 'blocked')"
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)

    op.create_table(
        "category",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("icon", sa.String(length=40), nullable=False),
        sa.Column("name", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("header", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("holidays", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("day_seq", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("catalog_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_account_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("printer", sa.String(length=36), nullable=True),
        sa.Column("also", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("paired_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("orders", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["printer"], ["device.id"], name=op.f("fk_device_printer")),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_device_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_device_token_hash")),
    )
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_device_unit"), ["unit"], unique=False)

    op.create_table(
        "idempotency",
        sa.Column("sender", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_idempotency_unit")),
        sa.PrimaryKeyConstraint("sender", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "journal",
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=24), nullable=False),
        sa.Column("ticket", sa.String(length=36), nullable=True),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_journal_unit")),
        sa.PrimaryKeyConstraint("unit", "seq", name=op.f("pk_journal")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index(
            "ix_journal_ticket",
            ["ticket", "seq"],
            unique=False,
            sqlite_where=sa.text("ticket IS NOT NULL"),
            postgresql_where=sa.text("ticket IS NOT NULL"),
        )

    op.create_table(
        "profile",
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("dedicated", sa.Boolean(), nullable=False),
        sa.Column("levels", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_profile_unit")),
        sa.PrimaryKeyConstraint("unit", "id", name=op.f("pk_profile")),
    )
    op.create_table(
        "series",
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("prefix", sa.String(length=5), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("daily_cap", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_series_unit")),
        sa.PrimaryKeyConstraint("unit", "prefix", name=op.f("pk_series")),
    )
    op.create_table(
        "series_state",
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("prefix", sa.String(length=5), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("lap", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_series_state_unit")),
        sa.PrimaryKeyConstraint("unit", "day", "prefix", name=op.f("pk_series_state")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "service",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(length=4), nullable=False),
        sa.Column("name", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("official_name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("documents", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("keywords", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("target_minutes", sa.Integer(), nullable=False),
        sa.Column("typical_seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["category"], ["category.id"], name=op.f("fk_service_category")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
    )
    op.create_table(
        "unit_logo",
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("png", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_unit_logo_unit")),
        sa.PrimaryKeyConstraint("unit", name=op.f("pk_unit_logo")),
    )
    op.create_table(
        "counter",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("profile", sa.String(length=60), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attendant", sa.String(length=36), nullable=True),
        sa.Column("attendant_name", sa.String(length=120), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("pause_reason", sa.String(length=120), nullable=True),
        sa.Column("priority_run", sa.Integer(), nullable=False),
        sa.Column("normal_owed", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (attendant IS NULL)", name=op.f("ck_counter_open_has_attendant")
        ),
        sa.ForeignKeyConstraint(["attendant"], ["account.id"], name=op.f("fk_counter_attendant")),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_counter_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter")),
        sa.UniqueConstraint("unit", "kind", "number", name=op.f("uq_counter_unit_kind_number")),
    )
    with op.batch_alter_table("counter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_counter_unit"), ["unit"], unique=False)
        batch_op.create_index("uq_counter_attendant", ["attendant"], unique=True)

    op.create_table(
        "lane",
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("tier", sa.String(length=12), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.CheckConstraint("waiting >= 0", name=op.f("ck_lane_waiting_not_negative")),
        sa.ForeignKeyConstraint(["service"], ["service.id"], name=op.f("fk_lane_service")),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_lane_unit")),
        sa.PrimaryKeyConstraint("unit", "service", "tier", name=op.f("pk_lane")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pairing_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device"], ["device.id"], name=op.f("fk_pairing_code_device"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_pairing_code")),
    )
    op.create_table(
        "rating",
        sa.Column("ticket", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(length=500), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_rating_score_one_to_five")),
        sa.ForeignKeyConstraint(["service"], ["service.id"], name=op.f("fk_rating_service")),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_rating_unit")),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_rating")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.create_index("ix_rating_day", ["unit", "day", "at"], unique=False)

    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("csrf_token", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name=op.f("fk_session_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_account"), ["account"], unique=False)

    op.create_table(
        "unit_service",
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("hours", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("daily_cap", sa.Integer(), nullable=True),
        sa.Column("pace_seconds", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["service"], ["service.id"], name=op.f("fk_unit_service_service")),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_unit_service_unit")),
        sa.PrimaryKeyConstraint("unit", "service", name=op.f("pk_unit_service")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("prefix", sa.String(length=5), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lap", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("tier", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("arrival_at", sa.BigInteger(), nullable=False),
        sa.Column("waiting_since", sa.BigInteger(), nullable=True),
        sa.Column("appointment_at", sa.BigInteger(), nullable=True),
        sa.Column("counter", sa.String(length=60), nullable=True),
        sa.Column("attendant", sa.String(length=36), nullable=True),
        sa.Column("reserved_counter", sa.String(length=60), nullable=True),
        sa.Column("reserved_attendant", sa.String(length=36), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("called_at", sa.BigInteger(), nullable=True),
        sa.Column("last_call_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("reason_detail", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("resolution", sa.String(length=12), nullable=True),
        sa.Column("performed", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("wait_seconds", sa.Integer(), nullable=False),
        sa.Column("walk_seconds", sa.Integer(), nullable=False),
        sa.Column("service_seconds", sa.Integer(), nullable=False),
        sa.Column("stay_seconds", sa.Integer(), nullable=True),
        sa.Column("late_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("follow_token", sa.String(length=32), nullable=False),
        sa.Column("issued_by", sa.String(length=60), nullable=False),
        sa.Column("board_seq", sa.BigInteger(), nullable=True),
        sa.Column("board_line", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["attendant"], ["account.id"], name=op.f("fk_ticket_attendant")),
        sa.ForeignKeyConstraint(["counter"], ["counter.id"], name=op.f("fk_ticket_counter")),
        sa.ForeignKeyConstraint(
            ["reserved_attendant"], ["account.id"], name=op.f("fk_ticket_reserved_attendant")
        ),
        sa.ForeignKeyConstraint(
            ["reserved_counter"], ["counter.id"], name=op.f("fk_ticket_reserved_counter")
        ),
        sa.ForeignKeyConstraint(["service"], ["service.id"], name=op.f("fk_ticket_service")),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_ticket_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("follow_token", name=op.f("uq_ticket_follow_token")),
        sa.UniqueConstraint("unit", "day", "label", "lap", name=op.f("uq_ticket_unit_day_label_lap")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ticket_board",
            ["unit", "board_seq"],
            unique=False,
            sqlite_where=sa.text("board_seq IS NOT NULL"),
            postgresql_where=sa.text("board_seq IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_lane",
            ["unit", "service", "tier", "arrival_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(
            "ix_ticket_reserved",
            ["unit", "reserved_counter", "reserved_attendant"],
            unique=False,
            sqlite_where=sa.text(
                "state = 'waiting' AND (reserved_counter IS NOT NULL OR reserved_attendant IS NOT NULL)"
            ),
            postgresql_where=sa.text(
                "state = 'waiting' AND (reserved_counter IS NOT NULL OR reserved_attendant IS NOT NULL)"
            ),
        )
        batch_op.create_index(
            "uq_ticket_alive_label",
            ["unit", "day", "label"],
            unique=True,
            sqlite_where=ALIVE,
            postgresql_where=ALIVE,
        )
        batch_op.create_index(
            "uq_ticket_attendant_in_hand",
            ["attendant"],
            unique=True,
            sqlite_where=sa.text("state IN ('called', 'serving')"),
            postgresql_where=sa.text("state IN ('called', 'serving')"),
        )
        batch_op.create_index(
            "uq_ticket_counter_in_hand",
            ["counter"],
            unique=True,
            sqlite_where=sa.text("state IN ('called', 'serving')"),
            postgresql_where=sa.text("state IN ('called', 'serving')"),
        )

    op.create_table(
        "print_job",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("ticket", sa.String(length=36), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("printer", sa.String(length=36), nullable=True),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("promise", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=True),
        sa.Column("detail", sa.String(length=200), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_holder", sa.String(length=36), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("millimetres", sa.Integer(), nullable=True),
        sa.Column("confirm_ms", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["printer"], ["device.id"], name=op.f("fk_print_job_printer")),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.id"], name=op.f("fk_print_job_ticket")),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_print_job_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
        sa.UniqueConstraint("ticket", "copy", name=op.f("uq_print_job_ticket_copy")),
    )
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.create_index(
            "ix_print_job_open",
            ["printer", "created_at"],
            unique=False,
            sqlite_where=OPEN_JOB,
            postgresql_where=OPEN_JOB,
        )

    op.create_table(
        "push",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("ticket", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("endpoint", sa.String(length=1000), nullable=False),
        sa.Column("p256dh", sa.String(length=100), nullable=False),
        sa.Column("auth", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.id"], name=op.f("fk_push_ticket")),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name=op.f("fk_push_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push")),
    )
    with op.batch_alter_table("push", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_push_ticket"), ["ticket"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("push", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_push_ticket"))

    op.drop_table("push")
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_print_job_open",
            sqlite_where=OPEN_JOB,
            postgresql_where=OPEN_JOB,
        )

    op.drop_table("print_job")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_ticket_counter_in_hand",
            sqlite_where=sa.text("state IN ('called', 'serving')"),
            postgresql_where=sa.text("state IN ('called', 'serving')"),
        )
        batch_op.drop_index(
            "uq_ticket_attendant_in_hand",
            sqlite_where=sa.text("state IN ('called', 'serving')"),
            postgresql_where=sa.text("state IN ('called', 'serving')"),
        )
        batch_op.drop_index(
            "uq_ticket_alive_label",
            sqlite_where=ALIVE,
            postgresql_where=ALIVE,
        )
        batch_op.drop_index(
            "ix_ticket_reserved",
            sqlite_where=sa.text(
                "state = 'waiting' AND (reserved_counter IS NOT NULL OR reserved_attendant IS NOT NULL)"
            ),
            postgresql_where=sa.text(
                "state = 'waiting' AND (reserved_counter IS NOT NULL OR reserved_attendant IS NOT NULL)"
            ),
        )
        batch_op.drop_index(
            "ix_ticket_lane",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(
            "ix_ticket_board",
            sqlite_where=sa.text("board_seq IS NOT NULL"),
            postgresql_where=sa.text("board_seq IS NOT NULL"),
        )

    op.drop_table("ticket")
    op.drop_table("unit_service")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_account"))

    op.drop_table("session")
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.drop_index("ix_rating_day")

    op.drop_table("rating")
    op.drop_table("pairing_code")
    op.drop_table("lane")
    with op.batch_alter_table("counter", schema=None) as batch_op:
        batch_op.drop_index("uq_counter_attendant")
        batch_op.drop_index(batch_op.f("ix_counter_unit"))

    op.drop_table("counter")
    op.drop_table("unit_logo")
    op.drop_table("service")
    op.drop_table("series_state")
    op.drop_table("series")
    op.drop_table("profile")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_journal_ticket",
            sqlite_where=sa.text("ticket IS NOT NULL"),
            postgresql_where=sa.text("ticket IS NOT NULL"),
        )

    op.drop_table("journal")
    op.drop_table("idempotency")
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_device_unit"))

    op.drop_table("device")
    op.drop_table("account")
    op.drop_table("unit")
    op.drop_table("category")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_at"))

    op.drop_table("audit")
