"""The tables of the messaging database; whatever holds a number or words is encrypted.

contacts   a conversation: its address, encrypted; whether it said STOP; whether the clinic's staff have it
seen       ids of messages that have come in, so that none is answered twice, by any replica, after any restart
inbound    messages that wait to be answered, or that staff have to read
failed     what the network says it could not deliver, before we know which message that is
outbound   messages that wait to be sent, and what became of them; the text goes when it is sent
"""

from __future__ import annotations

import sqlalchemy as sa

REASON_CHARACTERS = 80

METADATA = sa.MetaData()
CONTACTS = sa.Table(
    "contacts",
    METADATA,
    sa.Column("conversation", sa.String(32), primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("address", sa.Text),  # encrypted; None once it is not needed any more
    sa.Column("stopped", sa.Boolean, nullable=False, default=False),
    sa.Column("taken_by", sa.Text),  # encrypted
    sa.Column("last_inbound", sa.Float, nullable=False),
    sa.Column("notes", sa.Text),  # encrypted JSON: see Notes
    sa.Column("lease_by", sa.String(32)),
    sa.Column("lease_until", sa.Float, nullable=False, default=0.0),
)
SEEN = sa.Table(
    "seen",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("at", sa.Float, nullable=False, index=True),
)
INBOUND = sa.Table(
    "inbound",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("conversation", sa.String(32), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),  # encrypted
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("held", sa.Boolean, nullable=False, default=False),  # for the clinic's staff
)
FAILED = sa.Table(
    "failed",
    METADATA,
    sa.Column("provider_id", sa.String(64), primary_key=True),
    sa.Column("reason", sa.String(REASON_CHARACTERS), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)
OUTBOUND = sa.Table(
    "outbound",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(40), nullable=False, unique=True),
    sa.Column("conversation", sa.String(32), nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("urgent", sa.Boolean, nullable=False, default=False),
    sa.Column("payload", sa.Text),  # encrypted JSON: see Payload; None once it is sent
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("not_before", sa.Float, nullable=False, default=0.0),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("provider_id", sa.String(64), index=True),
    sa.Column("reason", sa.String(REASON_CHARACTERS)),
)
