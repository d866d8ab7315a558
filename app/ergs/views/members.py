"""Exactly those members whom the reader may see."""

from __future__ import annotations

import flask

from app.core.database import reading
from app.core.pages import page
from app.core.policies import guarded_by
from app.ergs import forms, policies, queries
from app.ergs.models import Erg
from app.ergs.views.base import bp, page_number, text_of, viewer_of


@bp.get("/<slug>/members/")
@guarded_by(policies.may_see, find=queries.erg_for)
def members(erg: Erg) -> flask.Response:
    """Exactly those members whom this reader may see."""
    q = flask.request.args.get("q", "").strip()
    roster = queries.roster(reading(), erg, viewer_of(erg), q=q, number=page_number())
    return page(
        "ergs/members.html",
        fragment="ergs/_members.html",
        erg=erg,
        text=text_of(erg),
        q=q,
        roster=roster,
        badges=forms.RELATION_BADGES,
        who=forms.ROSTERS[erg.roster],
    )
