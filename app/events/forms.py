"""What people enter about events, and the words of the choices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import (
    URL,
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from app.core import clock
from app.core.forms import Form
from app.ergs.rules import Visibility, pick_text
from app.events.models import Occurrence, Rsvp
from app.events.rules import (
    Access,
    AmbiguousTime,
    Audience,
    EventKind,
    EventState,
    Mode,
    NonexistentTime,
    Reply,
    instant_of,
)
from app.events.services import Plan

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
LONGEST = 14 * 24 * 60


class AnswerForm(Form):
    """Whether one comes, how, with how many guests, and who may see it."""

    mode = RadioField(
        _l("How will you take part?"),
        coerce=Mode,
        choices=list(MODES.items()),
        validators=[Optional()],
    )
    guests = IntegerField(
        _l("Guests you bring"),
        default=0,
        validators=[Optional(), NumberRange(0, 99, _l("Enter a number from 0 on."))],
    )
    visibility = SelectField(
        _l("Who may see that you are coming?"),
        coerce=Visibility,
        choices=list(SHOWN_TO.items()),
        default=Visibility.LEADS,
        validators=[Optional()],
    )
    reply = RadioField(
        _l("Are you coming?"),
        coerce=Reply,
        choices=[(r, r) for r in Reply],
        validators=[DataRequired(CHOOSE)],
    )

    @classmethod
    def of(cls, occurrence: Occurrence, rsvp: Rsvp | None) -> AnswerForm:
        """The form of one event, filled with the answer that holds."""
        form = cls(
            data={
                "mode": rsvp.mode if rsvp else next(iter(occurrence.modes), None),
                "guests": rsvp.guests if rsvp else 0,
                "visibility": rsvp.visibility if rsvp else Visibility.LEADS,
            }
        )
        form.mode.choices = [(mode, MODES[mode]) for mode in occurrence.modes]
        form.guests.validators[1].max = occurrence.event.guest_limit
        return form


class EventForm(Form):
    """All that a lead decides about an event. Times are those of the event's own zone."""

    title = StringField(_l("Title"), validators=[DataRequired(NEEDED), Length(max=160)])
    description = TextAreaField(_l("What to expect"), validators=[Length(max=10_000)])
    kind = SelectField(_l("Kind"), coerce=EventKind, choices=list(KINDS.items()))
    audience = RadioField(
        _l("Who may come?"),
        coerce=Audience,
        choices=list(AUDIENCES.items()),
        default=Audience.COMPANY,
        validators=[DataRequired(CHOOSE)],
    )
    day = DateField(_l("Day"), validators=[InputRequired(NEEDED)])
    start = TimeField(_l("Start"), validators=[InputRequired(NEEDED)])
    minutes = IntegerField(
        _l("Minutes"),
        default=60,
        validators=[InputRequired(NEEDED), NumberRange(5, LONGEST, _l("Enter 5 minutes or more."))],
    )
    zone = StringField(_l("Time zone"), validators=[DataRequired(NEEDED)])
    fold = RadioField(
        _l("The clocks show this time twice on that day. Which one?"),
        coerce=int,
        choices=[
            (0, _l("The first, before the clocks go back")),
            (1, _l("The second, after the clocks went back")),
        ],
        validators=[Optional()],
    )
    in_person = BooleanField(_l("In person"))
    venue = StringField(_l("Place"), validators=[Length(max=300)])
    seats_in_person = IntegerField(
        _l("Seats in person"),
        validators=[
            Optional(),
            NumberRange(1, 1_000_000, _l("Enter a number from 1 on, or nothing.")),
        ],
    )
    online = BooleanField(_l("Online"))
    online_link = StringField(
        _l("Link to join"),
        validators=[
            Optional(),
            Length(max=500),
            URL(require_tld=False, message=_l("Enter a full address.")),
        ],
    )
    seats_online = IntegerField(
        _l("Seats online"),
        validators=[
            Optional(),
            NumberRange(1, 1_000_000, _l("Enter a number from 1 on, or nothing.")),
        ],
    )
    guest_limit = IntegerField(
        _l("Guests each person may bring"),
        default=0,
        validators=[Optional(), NumberRange(0, 10, _l("Enter a number from 0 to 10."))],
    )
    captions = RadioField(
        _l("Are there captions?"),
        coerce=Access,
        choices=list(ACCESS.items()),
        validators=[Optional()],
    )
    step_free = RadioField(
        _l("Is the way step-free?"),
        coerce=Access,
        choices=list(ACCESS.items()),
        validators=[Optional()],
    )
    access_contact = StringField(_l("Whom to ask about access"), validators=[Length(max=200)])

    asks_fold = False

    @classmethod
    def of(cls, occurrence: Occurrence | None, zone: str) -> EventForm:
        """The form filled with an event, or with the usual for a new one in a zone."""
        form = cls(
            data=_filled(occurrence)
            if occurrence
            else {"zone": zone, "in_person": True, "audience": Audience.COMPANY, "minutes": 60}
        )
        form.asks_fold = bool(occurrence and _is_ambiguous(occurrence.wall_start, occurrence.zone))
        return form

    def validate_zone(self, field: StringField) -> None:
        """Only zones that the world knows."""
        if field.data not in clock.zone_names():
            raise ValidationError(_("Choose a time zone from the list, such as Europe/Madrid."))

    def validate_online(self, field: BooleanField) -> None:
        """At least one way to take part."""
        if not field.data and not self.in_person.data:
            raise ValidationError(_("Choose in person, online, or both."))

    def validate_online_link(self, field: StringField) -> None:
        """Links lead to web pages only."""
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError(_("Enter a full address."))

    def validate_start(self, _field: TimeField) -> None:
        """The clocks must show the time on that day, and it must be clear which one is meant."""
        wall = self.wall_start
        if wall is None or self.zone.data not in clock.zone_names():
            return
        try:
            instant_of(wall, self.zone.data, self.fold.data)
        except NonexistentTime as skipped:
            raise ValidationError(
                _(
                    "The clocks skip this time on that day. The same moment is %(time)s.",
                    time=format_datetime(skipped.suggestion, "short", rebase=False),
                )
            ) from None
        except AmbiguousTime:
            self.asks_fold = True
            asked = _("The clocks show this time twice on that day. Choose which one you mean.")
            raise ValidationError(asked) from None

    @property
    def wall_start(self) -> datetime | None:
        """The wall time, once day and time are there."""
        if self.day.data is None or self.start.data is None:
            return None
        return datetime.combine(self.day.data, self.start.data)

    def plan(self, locale: str) -> Plan:
        """What was entered, as the services take it."""
        wall = self.wall_start
        assert wall is not None
        is_twice = _is_ambiguous(wall, self.zone.data)
        return Plan(
            title=self.title.data,
            description=self.description.data.replace("\r\n", "\n"),
            locale=locale,
            wall_start=wall,
            zone=self.zone.data,
            fold=(self.fold.data or 0) if is_twice else 0,
            kind=self.kind.data,
            audience=self.audience.data,
            minutes=self.minutes.data,
            venue=self.venue.data,
            online_link=self.online_link.data or "",
            seats_in_person=self.seats_in_person.data if self.in_person.data else 0,
            seats_online=self.seats_online.data if self.online.data else 0,
            guest_limit=self.guest_limit.data or 0,
            captions=self.captions.data,
            step_free=self.step_free.data,
            access_contact=self.access_contact.data,
        )


def _is_ambiguous(wall: datetime, zone: str) -> bool:
    try:
        instant_of(wall, zone)
    except AmbiguousTime:
        return True
    except NonexistentTime:
        return False
    return False


def _filled(occurrence: Occurrence) -> dict[str, Any]:
    event = occurrence.event
    text = pick_text(event.texts, "")
    values: dict[str, Any] = {
        name: getattr(event, name)
        for name in (
            "kind",
            "audience",
            "venue",
            "online_link",
            "guest_limit",
            "captions",
            "step_free",
            "access_contact",
        )
    }
    for mode, name in ((Mode.IN_PERSON, "in_person"), (Mode.ONLINE, "online")):
        values[name] = occurrence.capacity(mode) != 0
        values[f"seats_{name}"] = occurrence.capacity(mode) or None
    return values | {
        "title": text.title if text else "",
        "description": text.description if text else "",
        "day": occurrence.wall_start.date(),
        "start": occurrence.wall_start.time(),
        "minutes": occurrence.minutes,
        "zone": occurrence.zone,
        "fold": occurrence.fold,
    }
