"""What people enter about posts, and the words of the choices."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.core import clock
from app.core.forms import Form, instant_meant, known_zone, which_of_two
from app.ergs.forms import chapter_names
from app.ergs.models import Erg
from app.posts.models import DigestChoice, Post, PostText
from app.posts.rules import (
    MAX_BODY,
    MAX_TITLE,
    USUAL_HOUR,
    PostKind,
    PostState,
    Rhythm,
)
from app.posts.services import Words

KINDS = {PostKind.ANNOUNCEMENT: _l("Announcement"), PostKind.NEWSLETTER: _l("Newsletter")}
STATES = {
    PostState.DRAFT: (_l("Draft"), "off"),
    PostState.IN_REVIEW: (_l("Waiting for approval"), "wait"),
    PostState.APPROVED: (_l("Approved, not sent yet"), "info"),
    PostState.SCHEDULED: (_l("Scheduled"), "info"),
    PostState.SENT: (_l("Sent"), "good"),
    PostState.ARCHIVED: (_l("Put away"), "off"),
    PostState.REJECTED: (_l("Rejected"), "bad"),
}
RHYTHMS = {
    Rhythm.DAILY: _l("On working days"),
    Rhythm.WEEKLY: _l("Once a week"),
    Rhythm.NONE: _l("Never"),
}
WEEKDAYS = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)
NEEDED = _l("This is needed.")
CHOOSE = _l("Choose one of the answers.")
TOO_LONG = _l("Please keep it shorter: at most 20,000 characters.")


def _chapter(value: str | UUID | None) -> UUID | None:
    return value if isinstance(value, UUID) else UUID(value) if value else None


class TextForm(Form):
    """A post's words in one language; in a translation both may be empty."""

    title = StringField(
        _l("Title"),
        validators=[Length(max=MAX_TITLE, message=_l("Please keep it under 160 characters."))],
    )
    body = TextAreaField(_l("Text"), validators=[Length(max=MAX_BODY, message=TOO_LONG)])

    @classmethod
    def of(cls, text: PostText | None) -> TextForm:
        """The form filled with what is there."""
        return cls(data={"title": text.title, "body": text.body} if text else {})

    def validate_title(self, field: StringField) -> None:
        """Words need a title."""
        if not field.data and (self.body.data or "").strip():
            raise ValidationError(_("Words need a title."))

    @property
    def words(self) -> Words:
        """What was entered."""
        return Words(self.title.data or "", (self.body.data or "").replace("\r\n", "\n"))


class PostForm(TextForm):
    """The original: its words, what it is, and for whom."""

    kind = RadioField(
        _l("What is it?"),
        coerce=PostKind,
        choices=list(KINDS.items()),
        default=PostKind.ANNOUNCEMENT,
        validators=[DataRequired(CHOOSE)],
    )
    chapter = SelectField(_l("For whom?"), coerce=_chapter, validators=[Optional()])

    @classmethod
    def for_group(
        cls, erg: Erg, tag: str, post: Post | None, text: PostText | None, only: set[UUID] | None
    ) -> PostForm:
        """The form of one group; `only` are the chapters of somebody who writes for no others."""
        values: dict[str, Any] = {}
        if post is not None and text is not None:
            values = {
                "title": text.title,
                "body": text.body,
                "kind": post.kind,
                "chapter": post.chapter_id,
            }
        form = cls(data=values)
        names = chapter_names(erg, tag).items()
        everybody = [] if only is not None else [("", _("Everybody in the group"))]
        form.chapter.choices = [
            *everybody,
            *((key, name) for key, name in names if only is None or key in only),
        ]
        return form

    def validate_title(self, field: StringField) -> None:
        """A post has a title from the start."""
        if not field.data:
            raise ValidationError(_("Give it a title. You can change it later."))


class ScheduleForm(Form):
    """When to send, as the clocks of a zone show it."""

    day = DateField(_l("Day"), validators=[InputRequired(NEEDED)])
    at = TimeField(_l("Time"), validators=[InputRequired(NEEDED)])
    zone = StringField(_l("Time zone"), validators=[DataRequired(NEEDED), known_zone])
    fold = which_of_two()

    asks_fold = False

    @classmethod
    def of(cls, post: Post, zone: str) -> ScheduleForm:
        """The form filled with what is planned, or with the group's zone."""
        wall = post.wall_send
        return cls(
            data={
                "day": wall.date() if wall else None,
                "at": wall.time() if wall else None,
                "zone": post.zone or zone,
            }
        )

    def validate_at(self, _field: TimeField) -> None:
        """The clocks must show the time on that day, it must be clear which one, and ahead."""
        at = instant_meant(self, self.wall, self.fold.data)
        if at is None:
            return
        if at <= clock.now():
            raise ValidationError(_("This time has passed already. Choose a later one."))

    @property
    def wall(self) -> datetime | None:
        """The naive wall time, once day and time are there."""
        if self.day.data is None or self.at.data is None:
            return None
        return datetime.combine(self.day.data, self.at.data)


class DigestForm(Form):
    """How often and at which hour one hears of all groups together."""

    rhythm = RadioField(
        _l("How often?"),
        coerce=Rhythm,
        choices=list(RHYTHMS.items()),
        default=Rhythm.DAILY,
        validators=[DataRequired(CHOOSE)],
    )
    hour = SelectField(
        _l("At which hour of your day?"),
        coerce=int,
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        default=USUAL_HOUR,
    )
    weekday = SelectField(
        _l("On which day, when once a week?"),
        coerce=int,
        choices=list(enumerate(WEEKDAYS)),
        default=0,
    )

    @classmethod
    def of(cls, choice: DigestChoice | None) -> DigestForm:
        """The form filled with what holds."""
        if choice is None:
            return cls()
        return cls(data={"rhythm": choice.rhythm, "hour": choice.hour, "weekday": choice.weekday})
