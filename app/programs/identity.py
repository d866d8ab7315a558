"""Questions about who people are, for the matching alone: their fields, words and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import Optional

from app.core.forms import Form
from app.core.policies import Actor
from app.demographics.rules import Attribute, MatchAnswer, Purpose
from app.demographics.services import Notice
from app.programs.rules import Field
from app.programs.texts import told

KIND = "identity"
NOTICE = "match-1"  # the version of the words in templates/programs/identity_fields.html
USES = {
    "": _l("Do not use it"),
    Purpose.MATCHING_SHAREABLE.value: _l("You may match on it, and my match may know"),
    Purpose.MATCHING_DENIABLE.value: _l("Use it, deniably"),
}
Answers = Mapping[Attribute, MatchAnswer]


def notice(actor: Actor) -> Notice:
    """What the form told whoever answers, and in which language."""
    return Notice(NOTICE, actor.locale or "en")


def asked(questions: Iterable[Field]) -> list[Field]:
    """The questions among these that are about who people are."""
    return [question for question in questions if question.kind == KIND]


def inputs(question: Field) -> dict[str, Any]:
    """Who one is, how that may be used, whom one hopes to meet, and whether only them."""
    key, label = question.key, told(question.label)
    options = [(value, told(text)) for value, text in question.options]
    return {
        f"i_{key}": SelectField(
            _("About you: %(question)s", question=label),
            [Optional()],
            choices=[("", _("Prefer not to say")), *options],
        ),
        f"u_{key}": RadioField(
            _("May the matching use this answer?"),
            [Optional()],
            choices=list(USES.items()),
            default="",
        ),
        f"w_{key}": SelectField(
            _("Whom do you hope to meet?"),
            [Optional()],
            choices=[("", _("It does not matter")), *options],
        ),
        f"o_{key}": BooleanField(_("Only then: I would rather wait than meet anybody else")),
    }


def is_whole(form: Any, questions: Iterable[Field]) -> bool:
    """Whether answer and use stand together; a sentence at the field where they do not."""
    is_fine = True
    for question in asked(questions):
        value, use = form[f"i_{question.key}"], form[f"u_{question.key}"]
        if value.data and not use.data:
            use.errors = [_("Say how this answer may be used, or choose “Prefer not to say”.")]
            is_fine = False
        if use.data and not value.data:
            value.errors = [_("Choose an answer, or “Do not use it” below.")]
            is_fine = False
        if form[f"o_{question.key}"].data and not form[f"w_{question.key}"].data:
            form[f"w_{question.key}"].errors = [_("Say whom you hope to meet.")]
            is_fine = False
    return is_fine


def answers_of(form: Any, questions: Iterable[Field]) -> dict[Attribute, MatchAnswer]:
    """What somebody said in the form."""
    return {
        Attribute(question.key): MatchAnswer(
            value=form[f"i_{question.key}"].data or "",
            use=Purpose(use) if (use := form[f"u_{question.key}"].data) else None,
            wish=form[f"w_{question.key}"].data or "",
            only=bool(form[f"o_{question.key}"].data),
        )
        for question in asked(questions)
    }


def values_of(answers: Answers) -> dict[str, Any]:
    """One's answers as the form shows them again."""
    values: dict[str, Any] = {}
    for attribute, one in answers.items():
        values |= {f"i_{attribute}": one.value, f"u_{attribute}": one.use or ""}
        values |= {f"w_{attribute}": one.wish, f"o_{attribute}": one.only}
    return values


def identity_form(questions: Sequence[Field], answers: Answers) -> Form:
    """All these questions as a form of their own."""
    names: dict[str, Any] = {}
    for question in asked(questions):
        names |= inputs(question)
    return type("IdentityForm", (Form,), names)(data=values_of(answers))  # type: ignore[no-any-return]
