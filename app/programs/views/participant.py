"""Programs as people find them, and their own enrollment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by, signed_in
from app.demographics.services import own_answers
from app.programs import forms, identity, queries
from app.programs.forms import AvailabilityForm
from app.programs.labels import STATES
from app.programs.models import Cohort, Enrollment, EnrollmentForm, Program
from app.programs.policies import (
    may_enroll,
    may_see_program,
    may_set_availability,
    may_withdraw,
)
from app.programs.queries.choosing import with_lists
from app.programs.registry import enrollment_pages
from app.programs.rules import SHAPES, EnrollmentState, Role, fields_for
from app.programs.services import choosing, wishing
from app.programs.services import enrollment as services
from app.programs.views.base import bp, page_number
from app.programs.wording import waiting_text


@bp.get("/")
@guarded_by(signed_in)
def index() -> flask.Response:
    """The programs one may see, and what one takes part in."""
    db, actor = reading(), current_actor()
    q = flask.request.args.get("q", "").strip()[:200]
    found = queries.program_page(db, actor, q, page_number())
    mine = queries.my_enrollments(db, actor)
    return page(
        "programs/index.html", fragment="programs/_programs.html", q=q, found=found, mine=mine
    )


@bp.get("/<slug>/")
@guarded_by(may_see_program, find=queries.program_for)
def show(program: Program) -> flask.Response:
    """What a program is, and where one's enrollment stands."""
    db = reading()
    cohorts = queries.cohorts_of(db, program.id)
    mine = queries.mine_in(db, current_actor(), program.id)
    waiting, matched = _waiting(mine)
    listed = [one for one in mine if choosing.is_asked(one.cohort.rules)]
    return page(
        "programs/show.html",
        asking=with_lists(db, listed) if listed else set(),
        waiting=waiting,
        matched=matched,
        pages_of=_pages_of,
        program=program,
        mine=mine,
        states=STATES[EnrollmentState],
        enrolling=next((cohort for cohort in cohorts if cohort.is_enrolling), None),
        current=cohorts[0] if cohorts else None,
    )


def _waiting(mine: list[Enrollment]) -> tuple[dict[UUID, list[str]], set[UUID]]:
    """What is said to those whom a matching left without anybody, and who has found somebody."""
    (waits, matched), by_id = queries.waits_of(reading(), mine), {one.id: one for one in mine}
    is_external = current_actor().is_external
    return {
        one: waiting_text(by_id[one], is_scarce, by_id[one].cohort.is_enrolling or is_external)
        for one, is_scarce in waits.items()
    }, matched


def _pages_of(enrollment: Enrollment) -> list[tuple[str, str]]:
    """Pages of upper domains for whoever is enrolled."""
    return [found for _name, page_of in enrollment_pages if (found := page_of(enrollment))]


@bp.route("/enrollments/<uuid:enrollment_id>/availability", methods=["GET", "POST"])
@guarded_by(may_set_availability, find=queries.enrollment_for)
def availability(enrollment: Enrollment) -> Response:
    """How many one takes, whether anybody more, and until when one pauses."""
    form = AvailabilityForm.of(enrollment)
    context = {
        "enrollment": enrollment,
        "form": form,
        "program": enrollment.cohort.program,
        "pauses": queries.pauses_of(reading(), enrollment.id),
    }
    if not form.is_submitted():
        return page("programs/availability.html", **context)
    if not form.validate():
        return invalid("programs/availability.html", **context)
    enrollment_id, slug = enrollment.id, enrollment.cohort.program.slug
    with writing() as db:
        services.set_availability(
            db, current_actor().person_id, enrollment_id=enrollment_id, **form.values
        )
    return done(_("Saved. Pairs that exist stay as they are."), to=url_for(".show", slug=slug))


@bp.route("/<slug>/enroll", methods=["GET", "POST"])
@guarded_by(may_enroll, find=queries.program_for)
def enroll(program: Program) -> Response:
    """Enroll in a role, or change one's answers."""
    db, actor = reading(), current_actor()
    cohort = next((c for c in queries.cohorts_of(db, program.id) if c.is_enrolling), None)
    kept = queries.enrollment_form(db, cohort) if cohort else None
    role = Role.MENTEE if SHAPES[program.format].is_mutual else _role()
    if cohort is None or kept is None or role is None:
        return page("programs/enroll.html", program=program, cohort=cohort, form=None)
    return _fill(program, cohort, kept, role, actor)


def _role() -> Role | None:
    wanted = flask.request.args.get("role", "")
    return Role(wanted) if wanted in list(Role) else None


def _fill(
    program: Program, cohort: Cohort, kept: EnrollmentForm, role: Role, actor: Any
) -> Response:
    mine = [
        e
        for e in queries.mine_in(reading(), actor, program.id)
        if e.role is role and e.cohort_id == cohort.id
    ]
    values = forms.values_of(mine[0]) if mine else {"languages": [(actor.locale or "en")[:2]]}
    questions = fields_for(kept.fields, role)
    if identity.asked(questions):
        values |= identity.values_of(own_answers(reading(), actor.person_id))
    form = forms.enroll_form(kept.fields, role, actor.zone, program.format, data=values)
    context = {
        "program": program,
        "cohort": cohort,
        "form": form,
        "role": role,
        "questions": [one for one in questions if one.kind != identity.KIND],
        "identity": identity.asked(questions),
        "has_baseline": bool(mine),
    }
    if not form.is_submitted():
        return page("programs/enroll.html", **context)
    if not form.validate() or not identity.is_whole(form, questions):
        return invalid("programs/enroll.html", **context)
    excluded = tuple(queries.people_by_email(reading(), forms.excluded_emails(form)))
    reply = forms.reply_of(form, kept.fields, role, excluded)
    said, notice = identity.answers_of(form, questions), identity.notice(actor)
    cohort_id, slug = cohort.id, program.slug
    with writing() as db:
        services.enroll(db, actor.person_id, cohort_id=cohort_id, reply=reply)
        if said:
            wishing.say(db, actor.person_id, answers=said, notice=notice)
    return done(
        _("You are enrolled. We will tell you what comes next."), to=url_for(".show", slug=slug)
    )


def _own(db: Any, actor: Any, enrollment_id: UUID) -> Enrollment | None:
    return queries.enrollment_for(db, actor, enrollment_id)


@bp.post("/enrollments/<uuid:enrollment_id>/withdrawal")
@guarded_by(may_withdraw, find=_own)
def withdraw(enrollment: Enrollment) -> Response:
    """Leave a cohort."""
    enrollment_id, slug = enrollment.id, enrollment.cohort.program.slug
    with writing() as db:
        services.withdraw(db, current_actor().person_id, enrollment_id=enrollment_id)
    return done(
        _("You have left. You may enroll again while enrollment is open."),
        to=url_for(".show", slug=slug),
    )
