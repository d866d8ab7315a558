"""The acts on the agreement of a relationship."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import writing
from app.core.pages import invalid
from app.core.policies import guarded_by
from app.mentoring import queries
from app.mentoring.forms import AgreementForm
from app.mentoring.forms.notes import number_of
from app.mentoring.models import Relationship
from app.mentoring.policies import may_work
from app.mentoring.services import work
from app.mentoring.views.acting import acted, found_pair, me
from app.mentoring.views.base import bp
from app.mentoring.views.workspace import context


@bp.post("/<uuid:relationship_id>/agreement/signature")
@guarded_by(may_work, find=queries.relationship_for)
def sign(pair: Relationship) -> Response:
    """Sign the agreement that was on the page."""
    pair_id, person_id, seen = pair.id, me(), number_of(request.form.get("revision"))
    try:
        with writing() as db:
            work.sign(db, person_id, relationship_id=pair_id, revision=seen)
    except work.Superseded as changed:
        return _again(pair_id, sign_again=str(changed))
    return acted(_("Signed."), pair_id, "agreement")


@bp.post("/<uuid:relationship_id>/agreement")
@guarded_by(may_work, find=queries.relationship_for)
def amend(pair: Relationship) -> Response:
    """Add to the agreement in one's own words; a text saved meanwhile is shown beside one's own."""
    form, pair_id, person_id = AgreementForm(), pair.id, me()
    if not form.validate_on_submit():
        return _again(pair_id, agreement_form=form)
    text, seen = form.text.data or "", form.seen_revision
    try:
        with writing() as db:
            work.amend(db, person_id, relationship_id=pair_id, text=text, revision=seen)
    except work.Superseded as changed:
        form.text.errors, form.revision.data = [str(changed)], None
        return _again(pair_id, agreement_form=form)
    return acted(_("Saved. Everybody signs again."), pair_id, "agreement")


def _again(pair_id: UUID, **shown: Any) -> Response:
    """The agreement as it stands now, with what was typed."""
    return invalid(
        "mentoring/workspace.html",
        fragment="mentoring/_agreement.html",
        **context(found_pair(pair_id), **shown),
    )
