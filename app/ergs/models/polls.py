"""Polls by which the members of a confidential group let go of that."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import Base, Identified
from app.ergs.rules import Visibility
from app.ergs.rules.polls import PollState

_LIVE = text("state IN ('open', 'agreed')")


class ErgPoll(Identified, Base):
    """One question to all members: `roster` is who may see who belongs afterwards, at most.

    `sealed` holds those who agree, as one padded and encrypted list that is rewritten whole with
    each answer: there is no row, order, time or number of answers. It is erased with the result.
    """

    __tablename__ = "erg_poll"
    __table_args__ = (
        Index(
            "uq_erg_poll_live", "erg_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
        ),
        Index(None, "erg_id", "opened_at"),
        Index(None, "state", "counts_on"),
    )

    erg_id: Mapped[UUID] = mapped_column(ForeignKey("erg.id"))
    state: Mapped[PollState] = mapped_column(default=PollState.OPEN)
    roster: Mapped[Visibility]
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)
    counts_on: Mapped[date]
    counted_at: Mapped[datetime | None]
    holds_from: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    root_id: Mapped[str | None] = mapped_column(String(40))
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
