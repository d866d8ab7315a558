"""What people read for each state and decision."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.concerns.rules import KEPT_MONTHS, ConcernState, Outcome
from app.concerns.services.contact import Stop

STATES: dict[Any, tuple[Any, str]] = {
    ConcernState.RAISED: (_l("Sent"), "wait"),
    ConcernState.TRIAGED: (_l("Somebody looks after it"), "info"),
    ConcernState.HANDLED: (_l("Decided"), "good"),
    ConcernState.CLOSED: (_l("Closed"), "off"),
}
OUTCOMES = {
    Outcome.TALKED: _l("Handlers talked with the people concerned."),
    Outcome.PAIR_ENDED: _l("The relationship was ended."),
    Outcome.CONTACT_RESTS: _l("Contact stays suspended."),
    Outcome.CONTACT_LIFTED: _l("Contact can go on."),
    Outcome.PASSED_ON: _l("It was passed on to the office that is responsible."),
    Outcome.NOTHING: _l("Nothing further is needed for now."),
    Outcome.WITHDRAWN: _l("It was taken back."),
}
CHOICES = {
    Outcome.TALKED: _l("We talked with the people concerned"),
    Outcome.PAIR_ENDED: _l("End the relationship"),
    Outcome.CONTACT_RESTS: _l("Keep contact suspended"),
    Outcome.CONTACT_LIFTED: _l("Let contact go on"),
    Outcome.PASSED_ON: _l("Pass it on to the office that is responsible"),
    Outcome.NOTHING: _l("Nothing further is needed for now"),
}
STOPS = {
    Stop.REST: _l("Stop contact now: you rest for sixty days, like any pair that pauses"),
    Stop.END: _l("Stop contact now: end the pair as anybody can at any time"),
    Stop.LEAVE: _l("Stop contact now: leave the group as anybody can at any time"),
}
STOP_HINTS = {
    Stop.REST: _l(
        "The other person reads that you pause, and nothing else. Sessions ahead are canceled, "
        "messages wait, and only you or the people named above can end the pause."
    ),
    Stop.END: _l(
        "Sessions ahead are canceled. The other person reads that the pair has ended, and nothing "
        "else; while you are still getting to know each other, at the time at which all trials "
        "end. Until then nothing they write or plan reaches you, and they cannot see that."
    ),
    Stop.LEAVE: _l("The others read that somebody has left, and nothing else."),
}
# Where no handler is free, nobody is named above.
ALONE_HINTS = {
    **STOP_HINTS,
    Stop.REST: _l(
        "The other person reads that you pause, and nothing else. Sessions ahead are canceled, "
        "messages wait, and only you can end the pause. It is prolonged until you do."
    ),
}
MONTHS = {
    3: _l("3 months"),
    6: _l("6 months"),
    12: _l("12 months"),
    24: _l("24 months"),
    36: _l("36 months"),
}
assert tuple(MONTHS) == KEPT_MONTHS
