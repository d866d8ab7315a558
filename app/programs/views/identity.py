"""What one said for matching about who one is: to see, to change, to take back at any time."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import Actor, current_actor, guarded_by, signed_in
from app.demographics.rules import OPTIONS, Attribute
from app.demographics.services import own_answers
from app.programs import identity
from app.programs.questions import IDENTITY
from app.programs.services import wishing
from app.programs.views.base import bp


@bp.route("/enrollments/private", methods=["GET", "POST"])
@guarded_by(signed_in)
def private_answers() -> Response:
    """One's own answers for matching, and how they may be used."""
    actor, questions = current_actor(), list(IDENTITY.values())
    said = own_answers(reading(), actor.person_id)
    form = identity.identity_form(questions, said)
    context = {"form": form, "identity": questions, "said": said, "labels": IDENTITY}
    if not form.is_submitted():
        return page("programs/private.html", **context)
    if not form.validate() or not identity.is_whole(form, questions):
        return invalid("programs/private.html", **context)
    answers = identity.answers_of(form, questions)
    with writing() as db:
        wishing.say(db, actor.person_id, answers=answers, notice=identity.notice(actor))
    return done(_("Saved. It holds from the next matching on."), to=url_for(".private_answers"))


def _own(db: Session, actor: Actor, attribute: str) -> Attribute | None:
    """An attribute about which the actor said something."""
    if attribute not in OPTIONS or actor.person_id is None:
        return None
    wanted = Attribute(attribute)
    return wanted if wanted in own_answers(db, actor.person_id) else None


def may_take_back(actor: Actor, _attribute: Any) -> bool:
    """One's own answer, at any time."""
    return actor.is_signed_in


@bp.post("/enrollments/private/<attribute>/withdrawal")
@guarded_by(may_take_back, find=_own)
def take_back(attribute: Attribute) -> Response:
    """Take an answer and its consent back."""
    actor = current_actor()
    with writing() as db:
        wishing.take_back(db, actor.person_id, attribute=attribute, notice=identity.notice(actor))
    return done(
        _("Taken back. The next matching knows nothing of it, and its record is gone."),
        to=url_for(".private_answers"),
    )
