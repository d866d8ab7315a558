"""The organizer's desk: new programs, cohorts, people, offers."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.programs import queries
from app.programs.forms import CohortMoveForm, ReasonForm
from app.programs.labels import COHORT_ACTS, STATES
from app.programs.models import Cohort, Enrollment, Program
from app.programs.policies import may_create, may_manage, may_remove
from app.programs.registry import unanswered
from app.programs.rules import (
    LIVE_ENROLLMENTS,
    TRANSITIONS,
    CohortState,
    EnrollmentState,
    OfferState,
    Role,
    RunState,
)
from app.programs.services import enrollment as enrollments
from app.programs.services import programs as services
from app.programs.services import waves
from app.programs.studio import StudioForm
from app.programs.templates import TEMPLATES
from app.programs.views.base import bp, page_number

MAIN_ACTS = (
    CohortState.READY,
    CohortState.ENROLLING,
    CohortState.MATCHING,
    CohortState.ACTIVE,
    CohortState.CLOSING,
    CohortState.CLOSED,
    CohortState.ARCHIVED,
)


@bp.route("/new", methods=["GET", "POST"])
@guarded_by(may_create)
def new() -> Response:
    """Start a program from a template."""
    template = TEMPLATES.get(flask.request.args.get("template", ""))
    if template is None:
        return page("programs/templates.html", templates=TEMPLATES.values())
    form = StudioForm(template)
    if not form.is_submitted():
        return page("programs/new.html", form=form, model=template)
    if not form.validate():
        return invalid("programs/new.html", form=form, model=template)
    with writing() as db:
        program = services.create_program(
            db,
            current_actor().person_id,
            template=template.key,
            title=form.title.data,
            explicit_title=form.explicit_title.data or "",
            summary=form.summary.data or "",
            cohort_title=form.cohort_title.data or "",
            **form.numbers,
        )
    return done(
        _("Your program is there. Look through it, then open enrollment."),
        to=url_for(".manage", slug=program.slug),
    )


@bp.get("/<slug>/manage/")
@guarded_by(may_manage, find=queries.managed_program)
def manage(program: Program) -> flask.Response:
    """The desk of a program: its cohorts, the chosen one in detail."""
    cohorts = queries.cohorts_of(reading(), program.id)
    wanted = flask.request.args.get("cohort", "")
    cohort = next((c for c in cohorts if str(c.id) == wanted), cohorts[0])
    return page("programs/manage.html", **_desk(program, cohorts, cohort))


def _desk(program: Program, cohorts: list[Cohort], cohort: Cohort) -> dict[str, Any]:
    db = reading()
    counts, runs = queries.counts(db, cohort.id), queries.runs_of(db, cohort.id)
    was_published = any(run.state is RunState.PUBLISHED for run in runs)
    has_waves = waves.is_served(cohort, was_published)
    people = {role: _sum(counts, role, 0) for role in Role}
    return {
        "program": program,
        "cohorts": cohorts,
        "cohort": cohort,
        "people": people,
        "seats": _sum(counts, Role.MENTOR, 1),
        "acts": _acts(cohort),
        "runs": runs,
        "form": CohortMoveForm(),
        "has_waves": has_waves,
        "silent": sum(count(db, cohort.id) for _name, count in unanswered)
        if cohort.state is CohortState.CLOSING
        else 0,
        "gaps": services.launch_gaps(db, cohort) if cohort.state is CohortState.DRAFT else [],
    }


def _sum(
    counts: dict[tuple[Role, EnrollmentState], tuple[int, int]], role: Role, which: int
) -> int:
    return sum(
        pair[which]
        for (side, state), pair in counts.items()
        if side is role and state in LIVE_ENROLLMENTS
    )


def _acts(cohort: Cohort) -> list[tuple[CohortState, Any]]:
    """What may come next, the way forward first."""
    possible = TRANSITIONS[CohortState][cohort.state]
    order = [*(s for s in MAIN_ACTS if s in possible), *(s for s in possible if s not in MAIN_ACTS)]
    if cohort.state is CohortState.MATCHING:
        order.sort(key=lambda state: state is CohortState.ENROLLING)
    return [(state, COHORT_ACTS[state]) for state in order]  # type: ignore[index]


@bp.post("/<slug>/cohorts")
@guarded_by(may_manage, find=queries.managed_program)
def add_cohort(program: Program) -> Response:
    """A further cohort."""
    program_id, slug = program.id, program.slug
    title = flask.request.form.get("title", "").strip()[:200]
    with writing() as db:
        cohort = services.add_cohort(
            db,
            current_actor().person_id,
            program_id=program_id,
            title=title,
            is_evergreen=bool(flask.request.form.get("evergreen")),
        )
    return done(_("The cohort is there."), to=url_for(".manage", slug=slug, cohort=cohort.id))


@bp.post("/cohorts/<uuid:cohort_id>/state")
@guarded_by(may_manage, find=queries.cohort_for)
def move_cohort(cohort: Cohort) -> Response:
    """Take a cohort one state further."""
    form = CohortMoveForm()
    if not form.validate_on_submit() or form.to.data not in list(CohortState):
        raise Refused(_("Please check the date: enrollment closes on a day to come."), 422)
    day = form.closes_on.data
    closes_at = datetime.combine(day, time(23, 59), UTC) if day else None
    cohort_id, slug = cohort.id, cohort.program.slug
    with writing() as db:
        services.move_cohort(
            db,
            current_actor().person_id,
            cohort_id=cohort_id,
            to=CohortState(form.to.data),
            reason=form.reason.data or "",
            closes_at=closes_at,
        )
    return done(
        _("Done. The cohort is one step further."),
        to=url_for(".manage", slug=slug, cohort=cohort_id),
    )


@bp.get("/cohorts/<uuid:cohort_id>/people")
@guarded_by(may_manage, find=queries.cohort_for)
def people(cohort: Cohort) -> flask.Response:
    """Who is enrolled."""
    asked = flask.request.args
    role = Role(asked["role"]) if asked.get("role") in list(Role) else None
    found = queries.people_page(
        reading(),
        current_actor(),
        cohort.id,
        role=role,
        q=asked.get("q", "")[:200],
        number=page_number(),
    )
    return page(
        "programs/people.html",
        fragment="programs/_people.html",
        cohort=cohort,
        found=found,
        role=role,
        q=asked.get("q", ""),
        form=ReasonForm(),
    )


@bp.post("/enrollments/<uuid:enrollment_id>/removal")
@guarded_by(may_remove, find=queries.enrollment_for)
def remove(enrollment: Enrollment) -> Response:
    """Take somebody out, with a reason."""
    form = ReasonForm()
    enrollment_id, cohort_id = enrollment.id, enrollment.cohort_id
    actor_id = current_actor().person_id
    with writing() as db:
        enrollments.remove(db, actor_id, enrollment_id=enrollment_id, reason=form.reason.data or "")
    return done(_("This enrollment is ended."), to=url_for(".people", cohort_id=cohort_id))


@bp.get("/cohorts/<uuid:cohort_id>/offers")
@guarded_by(may_manage, find=queries.cohort_for)
def cohort_offers(cohort: Cohort) -> flask.Response:
    """The offers of a cohort: who waits for whom, and until when."""
    wanted, q = flask.request.args.get("state", ""), flask.request.args.get("q", "")[:200]
    state = OfferState(wanted) if wanted in list(OfferState) else None
    found = queries.offers_of(
        reading(), current_actor(), cohort.id, page_number(), state=state, q=q
    )
    return page(
        "programs/offers.html",
        fragment="programs/_offers.html",
        cohort=cohort,
        found=found,
        state=state,
        q=q,
        states={one: label for one, (label, _tone) in STATES[OfferState].items()},
    )


@bp.get("/cohorts/<uuid:cohort_id>/waiting")
@guarded_by(may_manage, find=queries.cohort_for)
def waiting(cohort: Cohort) -> flask.Response:
    """Who has nobody yet, since when, and whom somebody should talk to."""
    q = flask.request.args.get("q", "")[:200]
    stuck_only = flask.request.args.get("stuck") == "1"
    found = queries.waiting_page(
        reading(), current_actor(), cohort.id, page_number(), q=q, stuck_only=stuck_only
    )
    return page(
        "programs/waiting.html",
        fragment="programs/_waiting.html",
        cohort=cohort,
        found=found,
        q=q,
        stuck_only=stuck_only,
        is_matched=queries.was_matched(reading(), cohort.id),
    )
