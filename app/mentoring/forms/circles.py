"""Forms of what groups live with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import DateField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length

from app.core import clock
from app.core.policies import current_actor
from app.core.walls import NonexistentTime, instant_of
from app.mentoring.forms.base import OneOfMany
from app.mentoring.labels import POSTS
from app.mentoring.rules.circles import LONGEST_CLOSED, LONGEST_POST, LONGEST_VOTE, PostKind


class ReplyForm(OneOfMany):
    """An answer to a post."""

    word = "reply"
    body = TextAreaField(
        _l("Your answer"),
        [DataRequired(_l("Write something first.")), Length(max=LONGEST_POST)],
    )


class WordsForm(OneOfMany):
    """The words of a post and its link."""

    word = "words"
    body = TextAreaField(
        _l("What do you want to say?"),
        [DataRequired(_l("Write something first.")), Length(max=LONGEST_POST)],
    )
    url = StringField(
        _l("Link"),
        [Length(max=500)],
        description=_l("It begins with https://"),
    )

    def validate_url(self, field: Any) -> None:
        """An address that a browser opens, or nothing."""
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError(_("Write the whole address; it begins with https://"))


class PostForm(WordsForm):
    """A new post."""

    word = "post"
    kind = RadioField(
        _l("What is it?"),
        choices=[(kind.value, text) for kind, (text, _icon) in POSTS.items()],
        default=PostKind.QUESTION.value,
    )

    def validate_url(self, field: Any) -> None:
        """A resource has an address."""
        super().validate_url(field)
        if self.kind.data == PostKind.RESOURCE.value and not field.data:
            raise ValidationError(_("Add the address of what you recommend."))


class RoundForm(OneOfMany):
    """Until when a group votes, on the clock of whoever asks."""

    word = "round"
    day = DateField(_l("The vote closes on"), [DataRequired(_l("Choose a day."))])
    at = TimeField(_l("At"), [DataRequired(_l("Choose a time."))])

    @property
    def closes_at(self) -> datetime:
        """The instant that was chosen; a time that the clocks skip counts as the next one."""
        wall, zone = datetime.combine(self.day.data, self.at.data), current_actor().zone
        try:
            return instant_of(wall, zone, 0)
        except NonexistentTime as skipped:
            return instant_of(skipped.suggestion, zone, 0)

    def validate_day(self, field: Any) -> None:
        """A time to come, thirty days away at most."""
        if not field.data or not self.at.data:
            return
        now = clock.now()
        if not now < self.closes_at <= now + LONGEST_VOTE:
            raise ValidationError(_("Choose a time to come, thirty days away at most."))


class TopicForm(OneOfMany):
    """A topic somebody proposes."""

    word = "topic"
    text = StringField(
        _l("Which topic do you propose?"),
        [DataRequired(_l("Name the topic first.")), Length(max=160)],
    )


class QuorumForm(OneOfMany):
    """How many of a group must come."""

    word = "quorum"
    number = IntegerField(
        _l("How many of you must come?"), [InputRequired(_l("Write down a number."))]
    )


class ClosedForm(OneOfMany):
    """Until when a member wants nobody new."""

    word = "closed"
    until = DateField(_l("Nobody new until"), [InputRequired(_l("Choose a day."))])

    def validate_until(self, field: Any) -> None:
        """A day to come, half a year away at most."""
        today = clock.now().date()
        if field.data and not today < field.data <= today + LONGEST_CLOSED:
            raise ValidationError(_("Choose a day to come, half a year away at most."))


class SwapForm(OneOfMany):
    """Whom one asks to take the turn."""

    word = "swap"
    person = SelectField(_l("Who could take your turn?"), validate_choice=False)
