"""What the words of attendance mean, for forms and pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.attendance.rules import MaterialKind, NeedKind, NeedState, Outcome
from app.events.rules import RsvpState

STATES = {
    RsvpState.GOING: _l("Expected"),
    RsvpState.CHECKED_IN: _l("Here"),
    RsvpState.ATTENDED: _l("Was there"),
    RsvpState.NO_SHOW: _l("Did not come"),
}
TONES = {
    RsvpState.GOING: "off",
    RsvpState.CHECKED_IN: "good",
    RsvpState.ATTENDED: "good",
    RsvpState.NO_SHOW: "wait",
}
FILTERS = [
    ("", _l("Everybody")),
    ("expected", _l("Expected")),
    ("here", _l("Here")),
    ("absent", _l("Did not come")),
    ("twice", _l("Scanned more than once")),
]
OUTCOMES = {
    Outcome.CHECKED_IN: _l("Checked in"),
    Outcome.DUPLICATE: _l("Was checked in already"),
    Outcome.UNKNOWN: _l("Not a code of this event"),
    Outcome.NO_SEAT: _l("Has no seat yet"),
    Outcome.UNDONE: _l("Was taken back at the door"),
    Outcome.WRONG: _l("This is not the code on the screen. It changes; read it again."),
    Outcome.TOO_OFTEN: _l(
        "That was not the code five times. Wait ten minutes, or show your own code at the door."
    ),
}
NEEDS = {
    NeedKind.CAPTIONS: _l("Live captions"),
    NeedKind.SIGN_LANGUAGE: _l("Sign language"),
    NeedKind.STEP_FREE: _l("A way without steps"),
    NeedKind.SEATING: _l("A particular seat or chair"),
    NeedKind.QUIET: _l("A quiet room or place"),
    NeedKind.DIET: _l("Food: diet or allergy"),
    NeedKind.COMPANION: _l("Somebody comes with me to assist"),
    NeedKind.LARGE_PRINT: _l("Large print or slides beforehand"),
    NeedKind.OTHER: _l("Something else"),
}
NEED_STATES = {
    NeedState.OPEN: _l("Waits for an answer"),
    NeedState.ARRANGED: _l("Arranged"),
    NeedState.CANNOT: _l("Cannot be arranged"),
}
KINDS = {
    MaterialKind.RECORDING: _l("Recording"),
    MaterialKind.NOTES: _l("Notes"),
    MaterialKind.LINK: _l("Link"),
    MaterialKind.RESOURCE: _l("Resource of the group"),
}
STARS = {
    5: _l("5: I would come again at once"),
    4: _l("4: Good"),
    3: _l("3: Fair"),
    2: _l("2: Not much for me"),
    1: _l("1: Not worth the time"),
}
