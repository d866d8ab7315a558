"""The directory."""

from __future__ import annotations

from collections.abc import Mapping

import flask

from app.core.database import reading
from app.core.locale import LANGUAGES, current_language
from app.core.pages import page
from app.core.policies import current_actor, guarded_by, inside
from app.ergs import forms, queries
from app.ergs.forms.groups import REASONS
from app.ergs.rules import MAX_SLUG, Region
from app.ergs.views.base import bp, page_number


@bp.get("/")
@guarded_by(inside)
def index() -> flask.Response:
    """The directory."""
    db, actor, wanted = reading(), current_actor(), _wanted(flask.request.args)
    tag = current_language().tag
    return page(
        "ergs/index.html",
        fragment="ergs/_groups.html",
        listing=queries.directory(db, actor, wanted, tag=tag),
        wanted=wanted,
        regions=forms.REGIONS,
        interests=queries.interests(db, actor, tag),
        languages=[(tag, LANGUAGES[tag].name) for tag in queries.WRITTEN_IN],
        mine=queries.standing(db, actor),
        suggested=queries.suggestions(db, actor, tag) if wanted.is_everything else [],
        reasons=REASONS,
    )


def _wanted(args: Mapping[str, str]) -> queries.Wanted:
    """What the address asks for; nonsense filters nothing."""
    region, language = args.get("region", ""), args.get("language", "")
    return queries.Wanted(
        q=args.get("q", "").strip(),
        region=Region(region) if region in list(Region) else None,
        interest=args.get("interest", "")[:MAX_SLUG],
        language=language if language in queries.WRITTEN_IN else "",
        soon_only=args.get("soon") == "1",
        mine_only=args.get("mine") == "1",
        number=page_number(),
    )
