"""What relationships tell domains below them: departures, group health, pages of a cohort."""

from __future__ import annotations

from uuid import UUID

import flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.core.registries import departures, erasures
from app.health.registry import Figure, Window, figures
from app.health.rules import Measure, Unit
from app.mentoring import queries
from app.mentoring.queries import lifecycle
from app.mentoring.rules import ClosingReason
from app.mentoring.services import continuity, gathering, relationships, surveying, terms
from app.programs.models import Enrollment
from app.programs.registry import (
    cohort_pages,
    enrollment_pages,
    on_accepted,
    on_closing,
    on_group,
    on_left,
    unanswered,
)
from app.programs.rules import SHAPES, EnrollmentState


def pairs_page(cohort_id: UUID) -> tuple[str, str]:
    """The pairs of a cohort, on its desk."""
    return _("Pairs"), flask.url_for("mentoring.pairs", cohort_id=cohort_id)


def totals_page(cohort_id: UUID) -> tuple[str, str]:
    """Sponsorship, commitments and closing questions of a cohort, in numbers."""
    return _("What came of it"), flask.url_for("mentoring.totals", cohort_id=cohort_id)


def seats_page(enrollment: Enrollment) -> tuple[str, str] | None:
    """Circles under way, for whoever is in the pool of their cohort."""
    is_circle = SHAPES[enrollment.cohort.program.format].kind == "circles"
    if not is_circle or enrollment.state is not EnrollmentState.READY:
        return None
    url = flask.url_for("mentoring.seats", enrollment_id=enrollment.id)
    return _("Circles under way"), url


def leave(db: Session, person_id: UUID) -> None:
    """Departure: pairs end, partners are told."""
    continuity.leave_everywhere(db, person_id)


def leave_cohort(
    db: Session, actor_id: UUID | None, enrollment_id: UUID, state: EnrollmentState
) -> None:
    """Withdrawal or removal from a cohort: its pairs end, its groups go on."""
    removed = state is EnrollmentState.REMOVED
    reason = ClosingReason.ORGANIZER if removed else ClosingReason.NO_FAULT
    continuity.leave_cohort(db, actor_id, enrollment_id, reason)


def ask_for_terms(db: Session, cohort_id: UUID) -> None:
    """A cohort closes: pairs are asked for another term, and everybody how it is now."""
    terms.ask_in_closing(db, cohort_id)
    surveying.ask_cohort(db, cohort_id)


def uptake(db: Session, window: Window) -> dict[UUID, Measure]:
    """Members of each group who were in a relationship at the end of the window."""
    return {erg_id: Measure(number) for erg_id, number in queries.uptake(db, window)}


figures.add(
    "mentoring_uptake",
    Figure(
        _l("Mentoring uptake"),
        _l("Members who were in a mentoring relationship on the last day of the period, of all."),
        _l("Members at the end of the period."),
        Unit.SHARE,
        70,
        uptake,
    ),
)


on_accepted.add("mentoring", relationships.begin)


on_group.add("mentoring", gathering.settle)


on_left.add("mentoring", leave_cohort)


on_closing.add("mentoring", ask_for_terms)


unanswered.add("mentoring", lifecycle.unanswered)


cohort_pages.add("mentoring", pairs_page)


enrollment_pages.add("seats", seats_page)


cohort_pages.add("mentoring_totals", totals_page)


departures.add("mentoring", leave)


erasures.add("mentoring", continuity.erase)
