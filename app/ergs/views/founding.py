"""All groups for administrators, and founding one."""

from __future__ import annotations

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import used_zones
from app.core.database import reading, writing
from app.core.locale import current_language
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import policies, queries, services
from app.ergs.forms.groups import STATE_TONES, STATES, FoundForm
from app.ergs.rules import ErgState, slug_of
from app.ergs.views.base import page_number

groups_bp = flask.Blueprint("groups", __name__, url_prefix="/manage/ergs")


@groups_bp.get("/")
@guarded_by(policies.may_found)
def index() -> flask.Response:
    """All groups, drafts and archived ones too, with search and state."""
    args = flask.request.args
    state = args.get("state", "")
    found = queries.every_group(
        reading(),
        tag=current_language().tag,
        q=args.get("q", "").strip(),
        state=ErgState(state) if state in list(ErgState) else None,
        number=page_number(),
    )
    return page(
        "ergs/every.html",
        fragment="ergs/_every.html",
        found=found,
        states=STATES,
        tones=STATE_TONES,
    )


@groups_bp.get("/new")
@guarded_by(policies.may_found)
def new() -> flask.Response:
    """An empty form for a new group."""
    form = FoundForm(data={"zone": current_actor().zone, "language": current_language().tag})
    return page("ergs/found.html", form=form, zones=used_zones(reading()))


@groups_bp.post("/new")
@guarded_by(policies.may_found)
def found() -> Response:
    """Write down a new group as a draft."""
    form = FoundForm()
    if not form.validate_on_submit() or not _has_free_address(form):
        return invalid("ergs/found.html", form=form, zones=used_zones(reading()))
    actor_id, slug = current_actor().person_id, _address(form)
    with writing() as db:
        services.found(
            db,
            actor_id,
            slug=slug,
            words={form.language.data: form.words},
            source=form.language.data,
            zone=form.zone.data,
            color=form.color.data,
        )
    return done(
        _("The draft is saved. Set its switches, find a lead, then start it."),
        to=flask.url_for("ergs.edit", slug=slug),
    )


def _address(form: FoundForm) -> str:
    return form.slug.data or slug_of(form.name.data)


def _has_free_address(form: FoundForm) -> bool:
    slug = _address(form)
    if not slug:
        form.slug.errors = [_("Please enter an address in small letters a to z.")]
    elif _is_page(slug) or queries.by_slug(reading(), slug) is not None:
        form.slug.errors = [_("There is a group at this address already. Choose another address.")]
    return not form.slug.errors


def _is_page(slug: str) -> bool:
    """Whether a page of ours stands where the group would: /ergs/desk/ and the like."""
    rules = flask.current_app.url_map.iter_rules()
    return any(f"{rule.rule}/".startswith(f"/ergs/{slug}/") for rule in rules)
