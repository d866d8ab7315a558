"""What people enter when they join, and what leads answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.forms import Form
from app.ergs.forms.words import (
    NEWS,
    REFUSED_CHOICE,
    RELATIONS,
    VISIBILITIES,
    VISIBILITY_HINTS,
)
from app.ergs.models import Erg, Membership
from app.ergs.rules import (
    MAX_REASON,
    News,
    Relation,
    Visibility,
    choices_under,
    narrower,
    usual_visibility,
)


def _uuid(value: str | UUID) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def chapter_names(erg: Erg, tag: str) -> dict[UUID, str]:
    """The group's chapters in a language."""
    return {c.id: c.names.get(tag) or c.names["en"] for c in erg.chapters}


class MembershipForm(Form):
    """Who may see that I belong, how I describe myself, which chapters I want news of."""

    visibility = RadioField(
        _l("Who may see that you belong?"),
        coerce=Visibility,
        validators=[DataRequired(REFUSED_CHOICE)],
    )
    relation = RadioField(
        _l("How do you describe yourself?"),
        coerce=Relation,
        choices=list(RELATIONS.items()),
        default=Relation.UNDISCLOSED,
        validators=[DataRequired(REFUSED_CHOICE)],
    )
    chapters = SelectMultipleField(_l("Chapters"), coerce=_uuid)
    news = RadioField(
        _l("What would you like to hear from this group?"),
        coerce=News,
        choices=list(NEWS.items()),
        default=News.DIGEST,
        validators=[DataRequired(REFUSED_CHOICE)],
    )

    @classmethod
    def of(
        cls,
        erg: Erg,
        tag: str,
        row: Membership | None = None,
        chapters: set[UUID] = frozenset(),  # type: ignore[assignment]
    ) -> MembershipForm:
        """The form of one group, filled with what holds or with what the group proposes."""
        usual = usual_visibility(erg.roster, is_sensitive=erg.is_sensitive)
        form = cls(
            data={
                "visibility": narrower(erg.roster, row.visibility) if row else usual,
                "relation": row.relation if row else Relation.UNDISCLOSED,
                "chapters": list(chapters),
                "news": row.news if row else News.DIGEST,
            }
        )
        form.visibility.choices = [(v, VISIBILITIES[v]) for v in choices_under(erg.roster)]
        form.chapters.choices = list(chapter_names(erg, tag).items())
        return form

    @property
    def choices(self) -> dict[str, Any]:
        """What was chosen, as the services take it."""
        return {
            "relation": self.relation.data,
            "visibility": self.visibility.data,
            "chapter_ids": self.chapters.data,
            "news": self.news.data,
        }

    @property
    def visibility_hints(self) -> dict[str, object]:
        """A line under each choice, by value."""
        return {visibility.value: hint for visibility, hint in VISIBILITY_HINTS.items()}


class RefusalForm(Form):
    """Why a request is declined."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[
            DataRequired(_l("Please give a reason. The person will read it.")),
            Length(max=MAX_REASON, message=_l("Please keep the reason under 500 characters.")),
        ],
    )


class LeaveForm(Form):
    """Whether somebody takes along what they said."""

    takes_words = BooleanField(_l("Take away my posts and answers in this group too"))
