"""What a program has chosen about its offers, and may choose anew."""

from __future__ import annotations

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from app.core.database import writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.programs import queries
from app.programs.forms.settings import BOTH, ONE, OffersForm
from app.programs.models import Program
from app.programs.policies import may_manage
from app.programs.services import programs as services
from app.programs.views.base import bp

PAGE = "programs/settings.html"


@bp.route("/<slug>/settings", methods=["GET", "POST"])
@guarded_by(may_manage, find=queries.managed_program)
def settings(program: Program) -> Response:
    """Whom offers ask, and whether the program matches again by itself."""
    now = {"order": BOTH if program.asks_mentor else ONE, "follows_up": program.follows_up}
    if flask.request.method == "GET":
        return page(PAGE, program=program, form=OffersForm(program.format, None, data=now))
    # an Undo names what stood before in its address
    said = CombinedMultiDict([flask.request.form, flask.request.args])
    form = OffersForm(program.format, said, data={"order": now["order"]})
    if not form.validate():
        return invalid(PAGE, program=program, form=form)
    program_id, slug = program.id, program.slug
    with writing() as db:
        services.set_offers(
            db,
            current_actor().person_id,
            program_id=program_id,
            asks_mentor=form.asks_mentor,
            follows_up=form.follows_up.data,
        )
    former = {"order": now["order"], **({"follows_up": "y"} if now["follows_up"] else {})}
    return done(
        _("Saved. It counts for offers that go out from now on."),
        to=url_for(".settings", slug=slug),
        undo=url_for(".settings", slug=slug, **former),
    )
