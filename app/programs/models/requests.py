"""What mentees ask mentors of their shortlist themselves."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.database import Base, Identified
from app.programs.rules import DeclineReason, RequestState

if TYPE_CHECKING:
    from app.programs.models.enrollments import Enrollment
    from app.programs.models.programs import Cohort


class MatchRequest(Identified, Base):
    """A mentee asks a mentor; holds no place until the mentor says yes and it becomes an offer."""

    __tablename__ = "match_request"
    __table_args__ = (
        Index(None, "mentee_id", "state"),
        Index(None, "mentor_id", "state"),
        Index(None, "cohort_id", "state", "expires_at"),
        Index(None, "state", "expires_at"),
    )

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    run_id: Mapped[UUID] = mapped_column(ForeignKey("match_run.id"), index=True)
    mentee_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    mentor_id: Mapped[UUID] = mapped_column(ForeignKey("enrollment.id"))
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"), index=True)
    state: Mapped[RequestState] = mapped_column(default=RequestState.ASKED)
    note: Mapped[str] = mapped_column(Text, default="")
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    decline_reason: Mapped[DeclineReason | None]
    decline_note: Mapped[str] = mapped_column(Text, default="")
    # The no came with "nobody more for now"; taking it back takes that back too.
    took_no_more: Mapped[bool] = mapped_column(default=False, server_default=false())
    opened: Mapped[str] = mapped_column(String(200), default="")  # where the new pair goes next
    round: Mapped[int] = mapped_column(default=0, server_default="0")

    mentee: Mapped[Enrollment] = relationship(foreign_keys=[mentee_id], lazy="raise")
    mentor: Mapped[Enrollment] = relationship(foreign_keys=[mentor_id], lazy="raise")
    cohort: Mapped[Cohort] = relationship(lazy="raise")
