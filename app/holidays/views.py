"""The calendar of days off, kept by administrators."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import sites
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.holidays import policies, queries, services
from app.holidays.forms import HolidayForm
from app.holidays.models import Holiday

bp = flask.Blueprint("holidays", __name__, url_prefix="/manage/holidays")


@bp.get("/")
@guarded_by(policies.may_keep)
def index() -> flask.Response:
    """Days off that lie ahead, with search."""
    return page("holidays/index.html", fragment="holidays/_holidays.html", **_listed())


def _listed(form: HolidayForm | None = None) -> dict[str, Any]:
    args, db = flask.request.args, reading()
    wanted = queries.Wanted(
        q=args.get("q", "").strip()[:100],
        site=args.get("site") or None,
        past=args.get("show") == "past",
        number=max(1, args.get("page", 1, type=int)),
    )
    return {
        "found": queries.listing(db, wanted),
        "wanted": wanted,
        "sites": sites(db),
        "chosen_sites": queries.sites_with_holidays(db),
        "form": form or HolidayForm(formdata=None),
    }


@bp.post("/")
@guarded_by(policies.may_keep)
def add() -> Response:
    """Note a day off."""
    form = HolidayForm()
    if not form.validate_on_submit():
        return invalid("holidays/index.html", **_listed(form))
    person_id = current_actor().person_id
    with writing() as db:
        services.add(
            db,
            person_id,
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
            name=form.name.data,
            site=form.site.data or "",
        )
    return done(_("Noted. Whoever plans on this day is told."), to=flask.url_for(".index"))


@bp.post("/<uuid:holiday_id>/removal")
@guarded_by(policies.may_keep, find=queries.holiday_for)
def remove(holiday: Holiday) -> Response:
    """Take a day off out."""
    person_id, holiday_id = current_actor().person_id, holiday.id
    with writing() as db:
        services.remove(db, person_id, holiday_id=holiday_id)
    undo = flask.url_for(".restore", holiday_id=holiday_id)
    return done(_("Removed."), to=flask.url_for(".index"), undo=undo)


@bp.post("/<uuid:holiday_id>/return")
@guarded_by(policies.may_keep, find=queries.holiday_for)
def restore(holiday: Holiday) -> Response:
    """Put it back."""
    person_id, holiday_id = current_actor().person_id, holiday.id
    with writing() as db:
        services.restore(db, person_id, holiday_id=holiday_id)
    return done(_("It is back."), to=flask.url_for(".index"))
