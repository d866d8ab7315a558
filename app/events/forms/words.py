"""What the words of events mean, for forms and pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.ergs.rules import Visibility
from app.events.rules import (
    Access,
    Audience,
    EventKind,
    EventState,
    HostState,
    Mode,
)

KINDS = {
    EventKind.TOWN_HALL: _l("Town hall"),
    EventKind.SPEED_MENTORING: _l("Speed mentoring"),
    EventKind.GATHERING: _l("Gathering"),
    EventKind.NETWORKING: _l("Networking"),
    EventKind.TEAM_BUILDING: _l("Team building"),
    EventKind.WORKSHOP: _l("Workshop"),
    EventKind.WEBINAR: _l("Webinar"),
    EventKind.KICKOFF: _l("Kickoff"),
}
MODES = {Mode.IN_PERSON: _l("In person"), Mode.ONLINE: _l("Online")}
AUDIENCES = {
    Audience.COMPANY: _l("Everyone in the company"),
    Audience.MEMBERS: _l("Members of the group only"),
}
STATES = {
    EventState.DRAFT: _l("Draft, only leads see it"),
    EventState.SUBMITTED: _l("Waiting for approval"),
    EventState.CHANGES_REQUESTED: _l("Changes requested"),
    EventState.APPROVED: _l("Approved, not published yet"),
    EventState.PUBLISHED: _l("Published"),
    EventState.POSTPONED: _l("Postponed"),
    EventState.COMPLETED: _l("Over"),
    EventState.CANCELED: _l("Canceled"),
}
HOST_STATES = {
    HostState.ASKED: _l("Asked, no answer yet"),
    HostState.ACCEPTED: _l("Hosts"),
    HostState.DECLINED: _l("Does not host"),
    HostState.LEFT: _l("Does not host any more"),
}
ACCESS = {
    Access.YES: _l("Yes"),
    Access.ON_REQUEST: _l("On request"),
    Access.NO: _l("No"),
}
SHOWN_TO = {
    Visibility.NOBODY: _l("Nobody"),
    Visibility.LEADS: _l("The organizers"),
    Visibility.COMPANY: _l("Everyone who can see this event"),
}
CHOOSE = _l("Choose one of the answers.")
NEEDED = _l("This is needed.")
