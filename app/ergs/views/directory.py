"""The directory."""

from __future__ import annotations

import flask

from app.core.database import reading
from app.core.locale import current_language
from app.core.pages import page
from app.core.policies import current_actor, guarded_by, inside
from app.ergs import forms, queries
from app.ergs.rules import Region
from app.ergs.views.base import bp, page_number


@bp.get("/")
@guarded_by(inside)
def index() -> flask.Response:
    """The directory."""
    args = flask.request.args
    region = args.get("region", "")
    listing = queries.directory(
        reading(),
        current_actor(),
        tag=current_language().tag,
        q=args.get("q", "").strip(),
        region=Region(region) if region in list(Region) else None,
        mine_only=args.get("mine") == "1",
        number=page_number(),
    )
    return page(
        "ergs/index.html",
        fragment="ergs/_groups.html",
        listing=listing,
        regions=forms.REGIONS,
        mine=queries.standing(reading(), current_actor()),
    )
