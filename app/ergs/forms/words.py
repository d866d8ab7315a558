"""The words of the choices."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.ergs.rules import (
    Admission,
    Discovery,
    News,
    Region,
    Relation,
    RoleName,
    Visibility,
)

RELATIONS = {
    Relation.MEMBER: _l("I am a member of this community"),
    Relation.ALLY: _l("I am an ally"),
    Relation.UNDISCLOSED: _l("I prefer not to say"),
}


NEWS = {
    News.DIGEST: _l("Its news, collected in one digest"),
    News.NONE: _l("Nothing between events"),
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
