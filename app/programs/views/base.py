"""The blueprint, and what all templates of programs may use."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from markupsafe import Markup

from app.accounts.messages import shown_name
from app.programs.labels import (
    FORMATS,
    WHO_SEES,
    role_label,
    side_label,
    state_label,
    state_tone,
)
from app.programs.models import Cohort
from app.programs.registry import cohort_pages
from app.programs.rules import SHAPES
from app.programs.texts import told
from app.programs.wording import role_hint

bp = flask.Blueprint("programs", __name__, url_prefix="/programs")
bp.add_app_template_filter(told, "told")
bp.add_app_template_filter(shown_name, "shown_name")


@bp.app_template_filter("ugc")
def ugc(text: str) -> Markup:
    """Words of people, kept apart from the sentence around them and from its direction."""
    return Markup("<bdi data-ugc>{}</bdi>").format(text)


@bp.app_template_filter("most_named")
def most_named(values: list[Any]) -> Any:
    """Which of some values is there most often."""
    return max(values, key=values.count)


@bp.context_processor
def words() -> dict[str, Any]:
    """What templates about programs may use."""
    return {
        "formats": FORMATS,
        "tabs": cohort_tabs,
        "who_sees": WHO_SEES,
        "role_hint": role_hint,
        "role_label": role_label,
        "shapes": SHAPES,
        "side_label": side_label,
        "state_label": state_label,
        "state_tone": state_tone,
    }


def cohort_tabs(cohort: Cohort, current: str) -> list[tuple[Any, str, bool, None]]:
    """The pages of a cohort's desk, those of upper domains at the end."""
    own = [
        (
            _("Desk"),
            flask.url_for("programs.manage", slug=cohort.program.slug, cohort=cohort.id),
            current == "manage",
            None,
        ),
        (
            _("People"),
            flask.url_for("programs.people", cohort_id=cohort.id),
            current == "people",
            None,
        ),
        (
            _("Offers"),
            flask.url_for("programs.cohort_offers", cohort_id=cohort.id),
            current == "cohort_offers",
            None,
        ),
        (
            _("Overdue"),
            flask.url_for("programs.overdue", cohort_id=cohort.id),
            current == "overdue",
            None,
        ),
        (
            _("Waiting"),
            flask.url_for("programs.waiting", cohort_id=cohort.id),
            current == "waiting",
            None,
        ),
        (
            _("What counts"),
            flask.url_for("programs.weights", cohort_id=cohort.id),
            current == "weights",
            None,
        ),
    ]
    if not SHAPES[cohort.program.format].is_mutual:
        own.append(
            (
                _("From outside"),
                flask.url_for("outside.invitations", cohort_id=cohort.id),
                current == "outside",
                None,
            )
        )
    return [*own, *((*make(cohort.id), False, None) for _name, make in cohort_pages)]


def page_number() -> int:
    """The page asked for."""
    return flask.request.args.get("page", 1, type=int)
