"""Offers of a relationship."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.programs.rules import (
    DeclineReason,
    OfferSource,
    OfferState,
    Role,
    knows_of_offer,
    side_due,
)

if TYPE_CHECKING:
    from app.programs.models.enrollments import Enrollment
    from app.programs.models.programs import Cohort, Program


class Offer(Identified, Base):
    """The offer of one relationship to a mentee and a mentor; open ones hold a place."""

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("run_id", "mentee_id", "mentor_id"),
        Index(None, "mentee_id", "state"),
        Index(None, "mentor_id", "state"),
        Index(None, "cohort_id", "state"),
        Index(None, "state", "expires_at"),
    )

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("match_run.id"))
    mentee_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    mentor_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    source: Mapped[OfferSource]
    state: Mapped[OfferState] = mapped_column(default=OfferState.DRAFT)
    score: Mapped[float | None]
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    offered_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    # Whether both sides are asked, as the program wanted it when the offer was made; None in older
    # offers: as it wants it now.
    asks_both: Mapped[bool | None]
    mentor_accepted_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    on_behalf: Mapped[bool] = mapped_column(default=False)
    decline_reason: Mapped[DeclineReason | None]
    decline_note: Mapped[str] = mapped_column(Text, default="")
    # Seats of one group share it; a seat is one person's place in a relationship of several.
    group_id: Mapped[UUID | None] = mapped_column(index=True)
    released_at: Mapped[datetime | None]
    extended_at: Mapped[datetime | None]
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    mentee: Mapped[Enrollment] = relationship(foreign_keys=[mentee_id], lazy="raise")
    mentor: Mapped[Enrollment] = relationship(foreign_keys=[mentor_id], lazy="raise")
    cohort: Mapped[Cohort] = relationship(lazy="raise")

    def side_due(self, program: Program) -> Role:
        """Whose answer it waits for, or waited for at its end."""
        return side_due(program.format, *self._order(program))

    def is_known_to(self, role: Role, program: Program) -> bool:
        """Whether a side has heard of it."""
        return knows_of_offer(program.format, *self._order(program), role)

    def _order(self, program: Program) -> tuple[bool, bool]:
        asks_both = program.asks_mentor if self.asks_both is None else self.asks_both
        return asks_both, self.mentor_accepted_at is not None
