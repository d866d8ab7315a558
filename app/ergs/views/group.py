"""A group's page, and how one belongs to it."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import reading, writing
from app.core.locale import current_language
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import forms, policies, queries, services
from app.ergs.forms import LeaveForm, MembershipForm
from app.ergs.models import Erg
from app.ergs.queries import invitations
from app.ergs.registry import panels
from app.ergs.rules import MembershipState, Viewer
from app.ergs.rules.membership import may_ask_from
from app.ergs.rules.terms import answer_due
from app.ergs.views.base import about, bp


@bp.get("/<slug>/")
@guarded_by(policies.may_see, find=queries.erg_for)
def show(erg: Erg) -> flask.Response:
    """A group, and how one belongs to it."""
    db, actor = reading(), current_actor()
    extra = [panel for _name, build in panels for panel in [build(db, actor, erg)]]
    return page("ergs/show.html", panels=extra, **{**about(erg), **belonging(erg)})


def belonging(erg: Erg, form: MembershipForm | None = None) -> dict[str, Any]:
    db, actor = reading(), current_actor()
    person_id = actor.person_id
    place = queries.own_place(db, erg.id, person_id)
    row, chosen = place.row, place.chosen
    is_open = row is not None and row.ended_at is None
    is_waiting = row is not None and row.state is MembershipState.REQUESTED
    is_asked = erg.id in queries.standing(db, actor).asked
    declined = row if row is not None and row.state is MembershipState.DECLINED else None
    form = form or MembershipForm.of(
        erg, current_language().tag, row if is_open else None, chosen if is_open else set()
    )
    return {
        "erg": erg,
        "form": form,
        "leaving": LeaveForm(formdata=None),
        "membership": row if is_open else None,
        "declined": declined,
        "ask_again": may_ask_from(declined.ended_at if declined else None, clock.now()),
        "answer_by": answer_due(row.asked_at) if row is not None and is_open else None,
        "invitation": invitations.open_invitation(db, erg.id, person_id) if is_asked else None,
        "answering": queries.role_holders(db, erg, Viewer.COLLEAGUE) if is_waiting else [],
        "seen_by": forms.VISIBILITIES[form.visibility.object_data] if is_open else None,
        "admission": forms.ADMISSIONS[erg.admission],
        "band": place.band if erg.is_sensitive else None,
        "nearby": [] if is_open else queries.nearby(actor, erg),
    }


@bp.post("/<slug>/membership")
@guarded_by(policies.may_join, find=queries.erg_for)
def join(erg: Erg) -> Response:
    """Belong, or ask to belong."""
    form = MembershipForm.of(erg, current_language().tag)
    if not form.validate_on_submit():
        return _refused(erg, form)
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        row = services.join(db, person_id, erg_id=erg_id, **form.choices)
        is_in = row.state is MembershipState.ACTIVE
    return _belongs_now(
        slug,
        _("You belong to this group now.")
        if is_in
        else _("Your request is with the leads. You will be told when there is an answer."),
    )


def _refused(erg: Erg, form: MembershipForm) -> flask.Response:
    context = {**about(erg), **belonging(erg, form)}
    return invalid("ergs/show.html", fragment="ergs/_membership.html", panels=[], **context)


def _belongs_now(slug: str, message: str, undo: str | None = None) -> Response:
    """Acknowledge; who just left a hidden group has no page to return to."""
    erg = queries.erg_for(reading(), current_actor(), slug)
    if erg is None:
        return done(message, to=flask.url_for(".index"), undo=undo)
    return done(
        message,
        to=flask.url_for(".show", slug=slug),
        fragment="ergs/_membership.html",
        undo=undo,
        **belonging(erg),
    )


@bp.post("/<slug>/membership/visibility")
@guarded_by(policies.may_belong, find=queries.erg_for)
def show_to(erg: Erg) -> Response:
    """Change who may see that one belongs."""
    form = MembershipForm.of(erg, current_language().tag)
    if not form.validate_on_submit():
        return _refused(erg, form)
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        services.show_to(db, person_id, erg_id=erg_id, **form.choices)
    return _belongs_now(slug, _("Saved. It holds from now on, everywhere."))


@bp.post("/<slug>/membership/end")
@guarded_by(policies.may_belong, find=queries.erg_for)
def leave(erg: Erg) -> Response:
    """Leave, at once and silently."""
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    takes_words = bool(LeaveForm().takes_words.data)
    with writing() as db:
        _row, back = services.leave(db, person_id, erg_id=erg_id, takes_words=takes_words)
    if back is None:
        return _belongs_now(slug, _("You have left. Nobody was told, and you can come back here."))
    return _belongs_now(
        slug,
        _("You have left, and your posts are taken away. For a day you can bring them back."),
        undo=flask.url_for(back, erg_id=erg_id),
    )
