"""Partner organizations: what was agreed, what is in use, and who agreed to be lent."""

from __future__ import annotations

from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.programs.models import Partner
from app.programs.outside.forms import PartnerForm
from app.programs.outside.policies import may_keep_partners
from app.programs.queries import outside as queries
from app.programs.services import outside as services
from app.programs.views.base import page_number
from app.programs.views.outside.base import bp

FORM = "programs/outside_partner_form.html"


@bp.get("/partners/")
@guarded_by(may_keep_partners)
def partners() -> flask.Response:
    """The partners by name."""
    q = flask.request.args.get("q", "").strip()[:200]
    found = queries.partner_page(reading(), q=q, number=page_number())
    return page(
        "programs/outside_partners.html",
        fragment="programs/_outside_partners.html",
        found=found,
        q=q,
    )


@bp.route("/partners/new", methods=["GET", "POST"])
@guarded_by(may_keep_partners)
def new_partner() -> Response:
    """Note an exchange with another organization."""
    form = PartnerForm()
    if not form.is_submitted():
        return page(FORM, form=form, partner=None)
    if not form.validate():
        return invalid(FORM, form=form, partner=None)
    with writing() as db:
        partner = services.add_partner(db, current_actor().person_id, terms=form.terms)
    return done(_("The partner is noted."), to=url_for(".partner", partner_id=partner.id))


@bp.get("/partners/<uuid:partner_id>/")
@guarded_by(may_keep_partners, find=queries.partner_for)
def partner(partner: Partner) -> flask.Response:
    """Seats lent and borrowed, against what was agreed."""
    return page("programs/outside_partner.html", **_context(partner))


def _context(partner: Partner) -> dict[str, Any]:
    db = reading()
    return {
        "partner": partner,
        "lent": queries.lent_seats(db, partner.id),
        "guests": queries.borrowed_from(db, partner.id),
        "borrowed": services.borrowed(db, partner.id),
    }


@bp.route("/partners/<uuid:partner_id>/edit", methods=["GET", "POST"])
@guarded_by(may_keep_partners, find=queries.partner_for)
def edit_partner(partner: Partner) -> Response:
    """Change what was agreed."""
    form = PartnerForm.of(partner)
    if not form.is_submitted():
        return page(FORM, form=form, partner=partner)
    if not form.validate():
        return invalid(FORM, form=form, partner=partner)
    partner_id = partner.id
    with writing() as db:
        services.change_partner(
            db, current_actor().person_id, partner_id=partner_id, terms=form.terms
        )
    return done(
        _("Saved. Seats that are in use stay as they are."),
        to=url_for(".partner", partner_id=partner_id),
    )
