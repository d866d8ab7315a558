"""What people enter about a group itself: founding, words, looks, switches."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.core.forms import Form, known_zone
from app.core.locale import LANGUAGES
from app.ergs.forms.words import ADMISSIONS, DISCOVERIES, REFUSED_CHOICE, ROSTERS
from app.ergs.models import Erg, ErgText
from app.ergs.queries import WRITTEN_IN, Why
from app.ergs.rules import (
    MAX_CHARTER,
    MAX_MISSION,
    MAX_NAME,
    MAX_SLUG,
    Admission,
    Color,
    Discovery,
    ErgState,
    Lack,
    Persona,
    Switches,
    TextStatus,
    Visibility,
    switches_of,
)
from app.ergs.services import Words

STATES = {
    ErgState.DRAFT: _l("Draft"),
    ErgState.ACTIVE: _l("Active"),
    ErgState.DORMANT: _l("Resting"),
    ErgState.ARCHIVED: _l("Archived"),
}
STATE_TONES = {
    ErgState.DRAFT: "info",
    ErgState.ACTIVE: "good",
    ErgState.DORMANT: "wait",
    ErgState.ARCHIVED: "off",
}
COLORS = {
    Color.GREEN: _l("Leaf green"),
    Color.APRICOT: _l("Apricot"),
    Color.PLUM: _l("Plum"),
    Color.SKY: _l("Sky blue"),
}
TEXT_STATES = {
    TextStatus.SOURCE: (_l("Original"), "info"),
    TextStatus.TRANSLATED: (_l("Translated"), "good"),
    TextStatus.STALE: (_l("Older than the original"), "wait"),
}
LACKS = {
    Lack.LEAD: _l("It needs at least one lead."),
    Lack.CHARTER: _l("It needs a charter in its original language: what you agreed on."),
}
PERSONAS = {
    Persona.STRANGER: _l("A guest from outside"),
    Persona.COLLEAGUE: _l("A colleague"),
    Persona.MEMBER: _l("A member"),
    Persona.LEAD: _l("A lead"),
    Persona.SPONSOR: _l("The executive sponsor"),
    Persona.ADMIN: _l("An administrator"),
}
REASONS = {
    Why.SITE: _l("It has a chapter where you work."),
    Why.ZONE: _l("It has a chapter in your time zone."),
    Why.HOME: _l("It is at home in your time zone."),
    Why.LANGUAGE: _l("It is described in your language."),
}
NEEDED = _l("This is needed.")


def _length(most: int) -> Length:
    return Length(max=most, message=_l("This is too long. Please shorten it."))


class TextForm(Form):
    """A group's words in one language."""

    name = StringField(_l("Name"), validators=[DataRequired(NEEDED), _length(MAX_NAME)])
    mission = TextAreaField(_l("Purpose"), validators=[Optional(), _length(MAX_MISSION)])
    charter = TextAreaField(
        _l("Charter: what we agreed on"), validators=[Optional(), _length(MAX_CHARTER)]
    )

    @classmethod
    def of(cls, text: ErgText | None) -> TextForm:
        """The form filled with what is written."""
        return cls(obj=text)

    @property
    def words(self) -> Words:
        """What was entered, without blanks around it and with plain line ends."""
        parts = ((f.data or "") for f in (self.name, self.mission, self.charter))
        return Words(*(part.replace("\r\n", "\n").strip() for part in parts))


class FoundForm(TextForm):
    """A new group as a draft."""

    language = SelectField(
        _l("Language of these words"),
        choices=[(tag, LANGUAGES[tag].name) for tag in WRITTEN_IN],
        default="en",
        validators=[DataRequired(REFUSED_CHOICE)],
    )
    slug = StringField(
        _l("Address"),
        validators=[
            Optional(),
            _length(MAX_SLUG),
            Regexp(
                r"^[a-z0-9]+(-[a-z0-9]+)*\Z",
                message=_l("Use small letters a to z, digits and hyphens."),
            ),
        ],
    )
    zone = StringField(_l("Time zone"), validators=[DataRequired(NEEDED), known_zone])
    color = RadioField(
        _l("Color"),
        coerce=Color,
        choices=list(COLORS.items()),
        default=Color.GREEN,
        validators=[DataRequired(REFUSED_CHOICE)],
    )


class LooksForm(Form):
    """Where a group is at home, and its color."""

    zone = StringField(_l("Time zone"), validators=[DataRequired(NEEDED), known_zone])
    color = RadioField(
        _l("Color"),
        coerce=Color,
        choices=list(COLORS.items()),
        validators=[DataRequired(REFUSED_CHOICE)],
    )

    @classmethod
    def of(cls, erg: Erg) -> LooksForm:
        """The form filled with what holds."""
        return cls(data={"zone": erg.zone, "color": erg.color})


class SwitchesForm(Form):
    """The switches of a group."""

    discovery = RadioField(
        _l("Who learns that the group exists?"),
        coerce=Discovery,
        choices=list(DISCOVERIES.items()),
        validators=[DataRequired(REFUSED_CHOICE)],
    )
    admission = RadioField(
        _l("How does one join?"),
        coerce=Admission,
        choices=list(ADMISSIONS.items()),
        validators=[DataRequired(REFUSED_CHOICE)],
    )
    roster = RadioField(
        _l("Who may see who belongs, at most?"),
        coerce=Visibility,
        choices=list(ROSTERS.items()),
        validators=[DataRequired(REFUSED_CHOICE)],
    )
    says_sensitive = BooleanField(_l("Belonging to this group is sensitive"))

    @classmethod
    def of(cls, erg: Erg, given: Any = None) -> SwitchesForm:
        """The form of a post, or filled with what holds; `given` is a query to look at instead."""
        held = asdict(switches_of(erg))
        if given is not None:
            return cls(formdata=given, data=held, meta={"csrf": False})
        return cls(data=held)

    @property
    def discovery_hints(self) -> dict[str, object]:
        """A line under each choice, by value."""
        return {
            Discovery.LISTED.value: _l("Colleagues can only join what they find."),
            Discovery.UNLISTED.value: _l("It is in no list and no search."),
            Discovery.HIDDEN.value: _l("To others it does not exist."),
        }

    @property
    def roster_hints(self) -> dict[str, object]:
        """A line under each choice, by value."""
        return {
            Visibility.NOBODY.value: _l("The group is then confidential: no names and no numbers."),
            Visibility.LEADS.value: _l("The group is then confidential: no numbers for others."),
            Visibility.MEMBERS.value: _l("Each member can still choose to be seen by fewer."),
            Visibility.COMPANY.value: _l("Each member can still choose to be seen by fewer."),
        }

    @property
    def switches(self) -> Switches:
        """What was chosen."""
        return Switches(
            self.discovery.data, self.admission.data, self.roster.data, self.says_sensitive.data
        )
