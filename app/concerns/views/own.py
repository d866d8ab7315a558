"""Whoever raises a concern: where to begin, who reads it, what became of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries as people
from app.concerns import nearness, policies, queries
from app.concerns.forms import PersonForm, RaiseForm, WordsForm
from app.concerns.labels import ALONE_HINTS, STOP_HINTS, STOPS
from app.concerns.models import Concern
from app.concerns.sealing import opened
from app.concerns.services import contact, raising
from app.concerns.views.base import bp, me
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by, signed_in


@bp.get("/")
@guarded_by(signed_in)
def index() -> flask.Response:
    """What one raised, and where to begin."""
    db, actor = reading(), current_actor()
    return page(
        "concerns/index.html",
        raised=queries.mine(db, actor),
        pairs=queries.pairs_of(db, actor.person_id),
        cohorts=queries.cohorts_of(db, actor.person_id),
        outside=queries.setting(db).outside,
    )


@bp.get("/people")
@guarded_by(policies.may_look_for_people)
def colleagues() -> flask.Response:
    """The person whom it is about, by name."""
    q, number = (
        flask.request.args.get("q", "").strip()[:200],
        flask.request.args.get("page", 1, int),
    )
    found = people.directory(reading(), q=q, number=number) if q else None
    return page("concerns/people.html", fragment="concerns/_people.html", q=q, found=found)


@bp.get("/new")
@guarded_by(signed_in, find=queries.subject_for)
def new(subject: nearness.Subject) -> flask.Response:
    """Who reads it, by name, before the first word."""
    return page("concerns/new.html", **_asking(subject))


def _asking(subject: nearness.Subject, form: RaiseForm | None = None) -> dict[str, Any]:
    db = reading()
    free = nearness.free_handlers(db, subject.case(me()))
    stop = contact.way_to_stop(db, subject.pair, me())
    form = form or RaiseForm(free, stop, formdata=None)
    form.way.data = stop
    return {
        "subject": subject,
        "free": free,
        "form": form,
        "stop": STOPS.get(stop),
        "stop_hint": (STOP_HINTS if free else ALONE_HINTS).get(stop),
        "way": stop,
        "outside": queries.setting(db).outside,
    }


@bp.post("/new")
@guarded_by(signed_in, find=queries.subject_for)
def raise_concern(subject: nearness.Subject) -> Response:
    """Send it to the chosen people."""
    way = contact.way_to_stop(reading(), subject.pair, me())
    form = RaiseForm(nearness.free_handlers(reading(), subject.case(me())), way)
    if not form.validate_on_submit():
        return invalid("concerns/new.html", **_asking(subject, form))
    try:
        concern_id = _raise(subject, form, way)
    except Refused as refused:
        if (found := queries.subject_for(reading(), current_actor())) is None:
            raise
        field = form.stops if isinstance(refused, contact.WayChanged) else form.text
        field.errors = [refused.message]
        return invalid("concerns/new.html", **_asking(found, form))
    return _back(_("It is sent. Nobody but the people named here can read it."), concern_id)


def _raise(subject: nearness.Subject, form: RaiseForm, way: contact.Stop | None) -> UUID:
    about = {
        "pair_id": subject.pair and subject.pair.id,
        "person_id": subject.person and subject.person.id,
        "cohort_id": subject.cohort and subject.cohort.id,
    }
    said = {"text": form.text.data, "readers": [UUID(value) for value in form.readers.data]}
    stops, person_id = form.stops.data, me()
    with writing() as db:
        concern = raising.raise_concern(
            db, person_id, stops_contact=stops, way_shown=way, **said, **about
        )
        return concern.id


@bp.post("/contact")
@guarded_by(signed_in, find=queries.subject_for)
def stop_contact(subject: nearness.Subject) -> Response:
    """Stop contact where nobody is free to read why."""
    shown, person_id = flask.request.form.get("way", ""), me()
    if subject.pair is None or shown not in list(contact.Stop):
        raise Refused(_("There is no contact to stop any more."), 422)
    pair_id, way = subject.pair.id, contact.Stop(shown)
    with writing() as db:
        concern = raising.stop_contact(db, person_id, pair_id=pair_id, way_shown=way)
        concern_id = concern.id
    return _back(_("Contact is stopped."), concern_id)


def _back(message: str, concern_id: UUID) -> Response:
    return done(message, to=url_for(".own", concern_id=concern_id))


@bp.get("/<uuid:concern_id>/")
@guarded_by(policies.may_see_own, find=queries.own_concern)
def own(concern: Concern) -> flask.Response:
    """What one raised: how it stands, who reads it, who opened it and when."""
    return page("concerns/own.html", **_own(concern))


def _own(concern: Concern, form: WordsForm | None = None) -> dict[str, Any]:
    db = reading()
    entries = queries.entries_of(db, concern.id, for_raiser=True)
    return {
        "concern": concern,
        "entries": opened(concern, entries),
        "reads": queries.reads_of(db, concern.id),
        "readers": queries.readers_now(db, concern),
        "form": form or WordsForm(formdata=None),
        "is_open": policies.may_add(current_actor(), concern),
    }


@bp.post("/<uuid:concern_id>/words")
@guarded_by(policies.may_see_own, find=queries.own_concern)
def add_words(concern: Concern) -> Response:
    """Add to it."""
    form, concern_id, person_id = WordsForm(), concern.id, me()
    if not form.validate_on_submit():
        return invalid("concerns/own.html", **_own(concern, form))
    try:
        with writing() as db:
            raising.add_words(db, person_id, concern_id=concern_id, text=form.text.data)
    except Refused as refused:
        if (found := queries.own_concern(reading(), current_actor(), concern_id)) is None:
            raise
        form.text.errors = [refused.message]
        return invalid("concerns/own.html", **_own(found, form))
    return _back(_("Added."), concern_id)


@bp.route("/<uuid:concern_id>/readers", methods=["GET", "POST"])
@guarded_by(policies.may_see_own, find=queries.own_concern)
def widen(concern: Concern) -> Response:
    """Let one more handler read it."""
    free = queries.free_for(reading(), concern)
    others = [person for person in free if not concern.is_read_by(person.id)]
    form, concern_id, person_id = PersonForm(others), concern.id, me()
    if not form.is_submitted():
        return page("concerns/widen.html", concern=concern, form=form, others=others)
    if not form.validate():
        return invalid("concerns/widen.html", concern=concern, form=form, others=others)
    with writing() as db:
        raising.widen(db, person_id, concern_id=concern_id, person_id=UUID(form.person.data))
    return _back(_("One more person can read it now."), concern_id)


@bp.post("/<uuid:concern_id>/withdrawal")
@guarded_by(policies.may_see_own, find=queries.own_concern)
def withdraw(concern: Concern) -> Response:
    """Take it back; one's words are destroyed."""
    concern_id, person_id = concern.id, me()
    with writing() as db:
        raising.withdraw(db, person_id, concern_id=concern_id)
    return _back(_("It is taken back. Your words are destroyed; nobody can open them."), concern_id)
