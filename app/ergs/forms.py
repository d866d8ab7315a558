"""What people enter about groups, and the words of the choices."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.forms import Form
from app.ergs.models import Erg, Membership
from app.ergs.rules import (
    MAX_REASON,
    Admission,
    Discovery,
    Region,
    Relation,
    RoleName,
    Visibility,
    choices_under,
    narrower,
    usual_visibility,
)

RELATIONS = {
    Relation.MEMBER: _l("I am a member of this community"),
    Relation.ALLY: _l("I am an ally"),
    Relation.UNDISCLOSED: _l("I prefer not to say"),
}
RELATION_BADGES = {Relation.MEMBER: _l("Member"), Relation.ALLY: _l("Ally")}
VISIBILITIES = {
    Visibility.NOBODY: _l("Nobody, not even the leads"),
    Visibility.LEADS: _l("Only the leads of this group"),
    Visibility.MEMBERS: _l("Members of this group"),
    Visibility.COMPANY: _l("Everyone in the company"),
}
VISIBILITY_HINTS = {
    Visibility.NOBODY: _l("You count nowhere. If you ask or answer, leads see only an alias."),
    Visibility.LEADS: _l("Your name is on no list but theirs."),
    Visibility.MEMBERS: _l("Your name is on the member list of the group."),
    Visibility.COMPANY: _l("Colleagues may see your name on the group's page."),
}
ROSTERS = {
    Visibility.NOBODY: _l("Nobody sees who belongs to this group."),
    Visibility.LEADS: _l("Only the leads see who belongs, and only those who allow it."),
    Visibility.MEMBERS: _l("Members see each other, as far as each one allows."),
    Visibility.COMPANY: _l("Colleagues see those members who allow it."),
}
ADMISSIONS = {
    Admission.OPEN: _l("Open to everyone, without asking."),
    Admission.APPROVAL: _l("Open to everyone; a lead answers your request."),
    Admission.INVITE: _l("By invitation of a lead."),
}
DISCOVERIES = {
    Discovery.LISTED: _l("The group is in the directory."),
    Discovery.UNLISTED: _l("Only people with the link find this group."),
    Discovery.HIDDEN: _l("Only members know that this group exists."),
}
REGIONS = {
    Region.AFRICA: _l("Africa"),
    Region.ASIA_PACIFIC: _l("Asia and the Pacific"),
    Region.EUROPE: _l("Europe"),
    Region.LATIN_AMERICA: _l("Latin America"),
    Region.MIDDLE_EAST: _l("Middle East"),
    Region.NORTH_AMERICA: _l("North America"),
}
ROLES = {
    RoleName.LEAD: _l("Lead"),
    RoleName.CO_LEAD: _l("Co-lead"),
    RoleName.TREASURER: _l("Treasurer"),
    RoleName.COMMS: _l("Communications"),
    RoleName.ACCESS_LEAD: _l("Access lead"),
    RoleName.MODERATOR: _l("Moderator"),
    RoleName.SPONSOR: _l("Executive sponsor"),
    RoleName.CHECK_IN: _l("Check-in"),
}
REFUSED_CHOICE = _l("Choose one of the answers.")


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
            }
        )
        form.visibility.choices = [(v, VISIBILITIES[v]) for v in choices_under(erg.roster)]
        form.chapters.choices = list(chapter_names(erg, tag).items())
        return form

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
