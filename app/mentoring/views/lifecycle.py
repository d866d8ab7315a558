"""How a relationship goes on: the trial, pauses, terms, the end, and coming back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.mentoring import queries
from app.mentoring.forms import HandoverForm, LookBackForm, PauseForm
from app.mentoring.labels import ENDED_WORDS, KIND_WORDS
from app.mentoring.models import Relationship
from app.mentoring.policies import may_open_workspace, may_see_certificate, may_work
from app.mentoring.queries import lifecycle as seen
from app.mentoring.queries import sponsorship
from app.mentoring.queries.surveys import enrollment_asked
from app.mentoring.rules import HELD, LIVE, InThePause, RelationshipState
from app.mentoring.services import (
    closing,
    continuity,
    handing_over,
    pausing,
    reopening,
    terms,
    trial,
    undoing,
)
from app.mentoring.views.acting import me
from app.mentoring.views.base import bp


@bp.get("/<uuid:relationship_id>/going-on")
@guarded_by(may_open_workspace, find=queries.relationship_for)
def going_on(pair: Relationship) -> flask.Response:
    """Where a relationship stands, and what its members can do about it."""
    return page("mentoring/going_on.html", **_context(pair))


def _context(pair: Relationship, **forms: Any) -> dict[str, Any]:
    db, actor, now = reading(), current_actor(), clock.now()
    asks_trial = pair.state is RelationshipState.TRIAL and pair.trial_asked_at is not None
    look_backs = seen.look_backs_of(db, pair.id)
    mine = look_backs.get(me())
    return {
        "pair": pair,
        "others": pair.others(actor.person_id),
        "role": pair.role_of(actor.person_id),
        "is_live": pair.state in LIVE,
        "leaves": continuity.lives_on(pair, me()),
        "asks_trial": asks_trial and pair.settles_at is not None and pair.settles_at > now,
        "ended_words": _ended_words(pair),
        "may_reopen": reopening.members_may_reopen(pair),
        "ends_pause": seen.ends_pause(db, actor, pair),
        "sponsors_until": sponsorship.asked_until(pair),
        "look_backs": look_backs,
        "surveyed": enrollment_asked(pair, me()),
        "handovers": seen.handovers_for(db, actor, pair),
        "pause_form": PauseForm(formdata=None),
        "look_back_form": LookBackForm(formdata=None, obj=mine),
        "hands_over": seen.hands_over(pair, me()),
        "handover_form": HandoverForm(formdata=None),
        **forms,
    }


def _ended_words(pair: Relationship) -> Any:
    if pair.closing_reason is None:
        return None
    return KIND_WORDS[pair.closing_code] if pair.closing_code else ENDED_WORDS[pair.closing_reason]


def _back(message: str, relationship_id: UUID) -> Response:
    return done(message, to=url_for(".going_on", relationship_id=relationship_id))


def said_yes() -> bool:
    """Which of the two buttons was pressed."""
    said = request.form.get("said", "")
    if said not in ("yes", "no"):
        raise Refused(_("Choose one of the two answers."), 422)
    return said == "yes"


@bp.post("/<uuid:relationship_id>/trial")
@guarded_by(may_work, find=queries.relationship_for)
def answer_trial(pair: Relationship) -> Response:
    """Answer in private whether one goes on; the page afterwards says the same to everybody."""
    pair_id, person_id, goes_on = pair.id, me(), said_yes()
    with writing() as db:
        trial.answer(db, person_id, relationship_id=pair_id, goes_on=goes_on)
    return _back(_("Your answer is kept for you alone. You can change it until the day."), pair_id)


@bp.post("/<uuid:relationship_id>/renewal")
@guarded_by(may_work, find=queries.relationship_for)
def answer_renewal(pair: Relationship) -> Response:
    """Answer in private whether one wants another term."""
    pair_id, person_id, says_yes = pair.id, me(), said_yes()
    with writing() as db:
        terms.answer_renewal(db, person_id, relationship_id=pair_id, says_yes=says_yes)
    return _back(_("Your answer is kept for you alone. You can change it until the day."), pair_id)


@bp.post("/<uuid:relationship_id>/pause")
@guarded_by(may_work, find=queries.relationship_for)
def pause(pair: Relationship) -> Response:
    """Rest for a while."""
    form = PauseForm()
    if not form.validate_on_submit():
        return invalid("mentoring/going_on.html", **_context(pair, pause_form=form))
    is_new = pair.state is not RelationshipState.PAUSED
    wanted = InThePause(form.in_the_pause.data) if form.in_the_pause.data else None
    if is_new and wanted is None and pausing.sessions_before(reading(), pair.id, form.until.data):
        form.in_the_pause.errors = [_("Choose whether these sessions move or are canceled.")]
        return invalid("mentoring/going_on.html", **_context(pair, pause_form=form))
    pair_id, person_id = pair.id, me()
    with writing() as db:
        pausing.pause(
            db,
            person_id,
            relationship_id=pair_id,
            until=form.until.data,
            in_the_pause=wanted,
        )
    if not is_new:
        return _back(_("You rest until then. Everybody is told."), pair_id)
    return done(
        _("You rest until then. Everybody is told, and reminders stop."),
        to=url_for(".going_on", relationship_id=pair_id),
        undo=url_for(".take_back_pause", relationship_id=pair_id),
    )


@bp.post("/<uuid:relationship_id>/pause/undo")
@guarded_by(may_work, find=queries.relationship_for)
def take_back_pause(pair: Relationship) -> Response:
    """Undo a pause, with all that it moved or canceled."""
    pair_id, person_id = pair.id, me()
    with writing() as db:
        are_lost = undoing.take_back_pause(db, person_id, relationship_id=pair_id)
    if are_lost:
        said = _("The pause is taken back. Times that were proposed have to be proposed anew.")
        return _back(said, pair_id)
    return _back(_("The pause is taken back, and your sessions are where they were."), pair_id)


@bp.post("/<uuid:relationship_id>/resumption")
@guarded_by(may_work, find=queries.relationship_for)
def resume(pair: Relationship) -> Response:
    """End a pause before its day."""
    pair_id, person_id = pair.id, me()
    with writing() as db:
        pausing.resume(db, person_id, relationship_id=pair_id)
    return _back(_("You go on. Plan your next session."), pair_id)


@bp.post("/<uuid:relationship_id>/conclusion")
@guarded_by(may_work, find=queries.relationship_for)
def conclude(pair: Relationship) -> Response:
    """Say that the work is done."""
    pair_id, person_id = pair.id, me()
    with writing() as db:
        terms.conclude(db, person_id, relationship_id=pair_id)
    return _back(_("Your time together comes to its end. Look back now, or later."), pair_id)


@bp.post("/<uuid:relationship_id>/look-back")
@guarded_by(may_work, find=queries.relationship_for)
def look_back(pair: Relationship) -> Response:
    """Write the last word."""
    form = LookBackForm()
    if not form.validate_on_submit():
        return invalid("mentoring/going_on.html", **_context(pair, look_back_form=form))
    pair_id, person_id = pair.id, me()
    with writing() as db:
        terms.look_back(
            db,
            person_id,
            relationship_id=pair_id,
            own_text=form.own_text.data or "",
            thanks=form.thanks.data or "",
        )
    return _back(_("Thank you. Your look back is kept."), pair_id)


@bp.post("/<uuid:relationship_id>/ending")
@guarded_by(may_work, find=queries.relationship_for)
def end(pair: Relationship) -> Response:
    """End the relationship, without a reason; a trial ends at its own instant."""
    pair_id, person_id = pair.id, me()
    is_done = pair.state is RelationshipState.CONCLUDING
    with writing() as db:
        after = continuity.end(db, person_id, relationship_id=pair_id)
        has_left, is_over = not after.has(person_id), after.state not in LIVE
        comes_back = reopening.members_may_reopen(after) and after.group_id is None
    if has_left:
        return done(_("You have left. Your goals and notes stay yours."), to=url_for(".index"))
    if not is_over:
        return done(
            _("That is kept. The trial ends at its time, by nobody's name."),
            to=url_for(".going_on", relationship_id=pair_id),
            undo=url_for(".take_end_back", relationship_id=pair_id),
        )
    if is_done:
        return _back(_("Your time together is complete. Your certificate is ready."), pair_id)
    return done(
        _("This pair has ended. Your goals and notes stay yours."),
        to=url_for(".index"),
        undo=url_for(".reopen", relationship_id=pair_id) if comes_back else None,
    )


@bp.post("/<uuid:relationship_id>/ending/undoing")
@guarded_by(may_work, find=queries.relationship_for)
def take_end_back(pair: Relationship) -> Response:
    """Take back that one has ended a trial, before its instant."""
    pair_id, person_id = pair.id, me()
    with writing() as db:
        closing.take_end_back(db, person_id, relationship_id=pair_id)
    return _back(_("Taken back: by you this trial does not end."), pair_id)


@bp.post("/<uuid:relationship_id>/reopening")
@guarded_by(may_open_workspace, find=queries.relationship_for)
def reopen(pair: Relationship) -> Response:
    """Go on after all, if everybody wants it."""
    pair_id, person_id = pair.id, me()
    with writing() as db:
        is_open = reopening.reopen(db, person_id, relationship_id=pair_id)
    if is_open:
        return _back(_("You go on. Sessions that lie ahead are back in your calendars."), pair_id)
    return _back(_("We asked. The pair goes on as soon as everybody agrees."), pair_id)


@bp.get("/<uuid:relationship_id>/certificate")
@guarded_by(may_see_certificate, find=queries.relationship_for)
def certificate(pair: Relationship) -> flask.Response:
    """The certificate of a completed relationship, made for paper; its title says no more than
    the program's neutral one."""
    meetings = queries.meetings_of(reading(), pair.id, me())
    held = [m for m in meetings if m.state in HELD]
    return page(
        "mentoring/certificate.html",
        pair=pair,
        held_count=len(held),
        minutes=sum(m.minutes for m in held),
        role=pair.role_of(current_actor().person_id),
    )


@bp.post("/<uuid:relationship_id>/handover")
@guarded_by(may_open_workspace, find=queries.relationship_for)
def write_handover(pair: Relationship) -> Response:
    """Write a note for the next mentor."""
    form = HandoverForm()
    if not form.validate_on_submit():
        return invalid("mentoring/going_on.html", **_context(pair, handover_form=form))
    pair_id, person_id = pair.id, me()
    with writing() as db:
        handing_over.write(db, person_id, relationship_id=pair_id, text=form.text.data)
    return _back(_("Saved. The mentee decides whether it goes on."), pair_id)


@bp.post("/<uuid:relationship_id>/handover/<uuid:author_id>")
@guarded_by(may_open_workspace, find=seen.handover_for)
def decide_handover(pair: Relationship) -> Response:
    """Let the note go on to the next mentor, or keep it here."""
    view_args = request.view_args or {}
    pair_id, person_id, goes_on = pair.id, me(), said_yes()
    with writing() as db:
        handing_over.decide(
            db,
            person_id,
            relationship_id=pair_id,
            author_id=view_args["author_id"],
            goes_on=goes_on,
        )
    said = _("The next mentor will read it.") if goes_on else _("The note stays between you.")
    return _back(said, pair_id)
