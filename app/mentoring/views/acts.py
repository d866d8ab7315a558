"""The acts on the agreement of a relationship."""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import writing
from app.core.pages import invalid
from app.core.policies import guarded_by
from app.mentoring import queries
from app.mentoring.forms import AgreementForm
from app.mentoring.models import Relationship
from app.mentoring.policies import may_work
from app.mentoring.services import work
from app.mentoring.views.acting import acted, me
from app.mentoring.views.base import bp
from app.mentoring.views.workspace import context


@bp.post("/<uuid:relationship_id>/agreement/signature")
@guarded_by(may_work, find=queries.relationship_for)
def sign(pair: Relationship) -> Response:
    """Sign the agreement."""
    pair_id, person_id = pair.id, me()
    with writing() as db:
        work.sign(db, person_id, relationship_id=pair_id)
    return acted(_("Signed."), pair_id, "agreement")


@bp.post("/<uuid:relationship_id>/agreement")
@guarded_by(may_work, find=queries.relationship_for)
def amend(pair: Relationship) -> Response:
    """Add to the agreement in one's own words."""
    form = AgreementForm()
    if not form.validate_on_submit():
        return invalid(
            "mentoring/workspace.html",
            fragment="mentoring/_agreement.html",
            **context(pair, agreement_form=form),
        )
    pair_id, person_id = pair.id, me()
    with writing() as db:
        work.amend(db, person_id, relationship_id=pair_id, text=form.text.data or "")
    return acted(_("Saved. Everybody signs again."), pair_id, "agreement")
