"""What a group recommends to the company, and the public answers: you said, we did."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Person
from app.core import clock
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by, inside
from app.ergs.models import Erg
from app.ergs.queries import erg_for
from app.plans import policies, queries, services
from app.plans.forms import ANSWER_HINTS, AnswerForm, RecommendationForm
from app.plans.queries import OfRecommendation
from app.plans.rules import RecommendationState
from app.plans.services import Plea
from app.plans.views.base import base, bp, wanted, words


def _is_late(row: Any) -> bool:
    return queries.is_due(row, clock.now().date())


@bp.get("/ergs/<slug>/recommendations/")
@guarded_by(policies.may_see, find=erg_for)
def recommendations(erg: Erg) -> flask.Response:
    """What the group asked for, and what was answered."""
    asked = wanted()
    return page(
        "plans/recommendations.html",
        fragment="plans/_recommendations.html",
        listing=queries.recommendations(reading(), current_actor(), erg, asked),
        wanted=asked,
        is_late=_is_late,
        **base(erg),
    )


@bp.get("/ergs/<slug>/recommendations/new")
@guarded_by(policies.may_plan, find=erg_for)
def new_recommendation(erg: Erg) -> flask.Response:
    """An empty recommendation."""
    form = RecommendationForm.of()
    return page("plans/recommend.html", form=form, found=None, **base(erg))


def _plea(form: RecommendationForm) -> Plea | None:
    """What was entered, once the person asked is known; None leaves an error in the form."""
    if not form.validate_on_submit():
        return None
    person = queries.colleague_by_email(reading(), form.email.data)
    if person is None:
        text = _("There is no colleague with this address. Look it up under People.")
        form.email.errors = [text]
        return None
    why = form.why.data.replace("\r\n", "\n")
    return Plea(form.title.data, why, person.id, form.due_on.data)


@bp.post("/ergs/<slug>/recommendations/new")
@guarded_by(policies.may_plan, find=erg_for)
def recommend(erg: Erg) -> Response:
    """Ask for a public answer."""
    form = RecommendationForm.of()
    plea = _plea(form)
    if plea is None:
        return invalid("plans/recommend.html", form=form, found=None, **base(erg))
    person_id, erg_id = current_actor().person_id, erg.id
    with writing() as db:
        made = services.recommend(db, person_id, erg_id=erg_id, plea=plea).id
    return done(
        _("Sent. The person you asked is told, and reminded in time."),
        to=flask.url_for(".recommendation", recommendation_id=made),
        undo=flask.url_for(".withdraw", recommendation_id=made),
    )


@bp.get("/recommendations/")
@guarded_by(inside)
def asked() -> flask.Response:
    """What groups ask of this reader."""
    listing = queries.asked_of(reading(), current_actor(), wanted().number)
    return page("plans/asked.html", listing=listing, is_late=_is_late, **words())


@bp.get("/recommendations/<uuid:recommendation_id>/")
@guarded_by(policies.may_see, find=queries.recommendation_for)
def recommendation(found: OfRecommendation) -> flask.Response:
    """A recommendation, its answers, and for whoever is asked a form."""
    return page("plans/recommendation.html", **_about(found, AnswerForm(formdata=None)))


def _about(found: OfRecommendation, form: AnswerForm) -> dict[str, Any]:
    return {
        **base(found.erg),
        "found": found,
        "row": found.row,
        "form": form,
        "is_late": _is_late(found.row),
        "hints": ANSWER_HINTS,
        "sees_group": erg_for(reading(), current_actor(), found.erg.slug) is not None,
    }


@bp.get("/recommendations/<uuid:recommendation_id>/edit")
@guarded_by(policies.may_rephrase, find=queries.recommendation_for)
def edit_recommendation(found: OfRecommendation) -> flask.Response:
    """The recommendation as a form."""
    form = RecommendationForm.of(found.row, _address(found))
    return page("plans/recommend.html", form=form, found=found, **base(found.erg))


def _address(found: OfRecommendation) -> str:
    person = reading().get(Person, found.row.owner_id)
    return (person.email if person else None) or ""


@bp.post("/recommendations/<uuid:recommendation_id>/edit")
@guarded_by(policies.may_rephrase, find=queries.recommendation_for)
def change_recommendation(found: OfRecommendation) -> Response:
    """Save what changed."""
    form = RecommendationForm.of()
    plea = _plea(form)
    if plea is None:
        return invalid("plans/recommend.html", form=form, found=found, **base(found.erg))
    return _act(found, services.change, _("Saved."), plea=plea)


def _act(
    found: OfRecommendation, verb: Any, message: str, undo: str | None = None, **fields: Any
) -> Response:
    person_id, row_id = current_actor().person_id, found.row.id
    with writing() as db:
        verb(db, person_id, recommendation_id=row_id, **fields)
    return done(
        message,
        to=flask.url_for(".recommendation", recommendation_id=row_id),
        undo=flask.url_for(undo, recommendation_id=row_id) if undo else None,
    )


@bp.post("/recommendations/<uuid:recommendation_id>/withdrawal")
@guarded_by(policies.may_rephrase, find=queries.recommendation_for)
def withdraw(found: OfRecommendation) -> Response:
    """Take it back before it is answered."""
    return _act(found, services.withdraw, _("Withdrawn. Only leads see it now."), ".restore")


@bp.post("/recommendations/<uuid:recommendation_id>/withdrawal/end")
@guarded_by(policies.may_restore, find=queries.recommendation_for)
def restore(found: OfRecommendation) -> Response:
    """Undo."""
    return _act(found, services.restore, _("It is open again, and the person is told."))


@bp.post("/recommendations/<uuid:recommendation_id>/answer")
@guarded_by(policies.may_answer, find=queries.recommendation_for)
def answer(found: OfRecommendation) -> Response:
    """Say in public what becomes of it."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return invalid("plans/recommendation.html", **_about(found, form))
    return _act(
        found,
        services.answer,
        _("Your answer is public now. Thank you."),
        ".recall_answer",
        state=RecommendationState(form.state.data),
        text=form.text.data.replace("\r\n", "\n"),
    )


@bp.post("/recommendations/<uuid:recommendation_id>/answer/end")
@guarded_by(policies.may_recall, find=queries.recommendation_for)
def recall_answer(found: OfRecommendation) -> Response:
    """Take the newest answer back."""
    return _act(found, services.recall_answer, _("Your answer is taken back."))
