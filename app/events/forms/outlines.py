"""Words with which the description of each kind of event begins."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.events.rules import EventKind

# What each kind is good for, beside its name on the page where one is chosen.
ABOUT = {
    EventKind.TOWN_HALL: _l("Everybody hears the same news and can ask."),
    EventKind.SPEED_MENTORING: _l("Short talks in pairs that change; many meet many."),
    EventKind.GATHERING: _l("Time together without an agenda."),
    EventKind.NETWORKING: _l("People who should know each other meet."),
    EventKind.TEAM_BUILDING: _l("Doing something together that is not work."),
    EventKind.WORKSHOP: _l("A small group learns by doing."),
    EventKind.WEBINAR: _l("One topic, online, for whoever is interested."),
    EventKind.KICKOFF: _l("A program or a year begins."),
}
OUTLINES = {
    EventKind.TOWN_HALL: _l(
        "What has happened since the last time, what comes next, and your questions. "
        "Send questions before, or ask on the day."
    ),
    EventKind.SPEED_MENTORING: _l(
        "Several short talks, each with somebody else. A question for each round is on the screen, "
        "so nobody needs to prepare. At the end you say with whom you would like to go on."
    ),
    EventKind.GATHERING: _l(
        "Come as you are, come late, leave early. There is something to eat and drink."
    ),
    EventKind.NETWORKING: _l(
        "We make sure that you meet people from other teams: a short round at the start, then "
        "small tables."
    ),
    EventKind.TEAM_BUILDING: _l(
        "An afternoon away from the desk. Tell us before if something would keep you from taking "
        "part; there is always another way to join in."
    ),
    EventKind.WORKSHOP: _l(
        "You will try it out yourself, in a small group. Afterwards you have something that you "
        "can use the next day."
    ),
    EventKind.WEBINAR: _l(
        "A short talk, then questions. You can listen without a camera, and the slides are shared "
        "afterwards."
    ),
    EventKind.KICKOFF: _l(
        "You meet the people with whom you will be under way, hear how it works, and agree on the "
        "first steps."
    ),
}
