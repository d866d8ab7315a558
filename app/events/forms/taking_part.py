"""The fields of how one takes part: what every form about an event asks alike."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, IntegerField, StringField
from wtforms.validators import URL, Length, NumberRange, Optional, ValidationError

from app.events.rules.seats import MOST_SEATS


def _one_way_at_least(form: Any, field: Field) -> None:
    if not field.data and not form.in_person.data:
        raise ValidationError(_("Choose in person, online, or both."))


def _leads_to_a_page(_form: Any, field: Field) -> None:
    if field.data and not field.data.startswith(("https://", "http://")):
        raise ValidationError(_("Enter a full address."))


def online_field() -> BooleanField:
    """Whether one can take part online; beside a field `in_person`, one of which is ticked."""
    return BooleanField(_l("Online"), validators=[_one_way_at_least])


def link_field() -> StringField:
    """The link to join; links lead to web pages only."""
    return StringField(
        _l("Link to join"),
        validators=[
            Optional(),
            Length(max=500),
            URL(require_tld=False, message=_l("Enter a full address.")),
            _leads_to_a_page,
        ],
    )


def seats_field(label: Any) -> IntegerField:
    """Seats; nothing means room for everyone."""
    most = NumberRange(1, MOST_SEATS, _l("Enter a number from 1 on, or nothing."))
    return IntegerField(label, validators=[Optional(), most])
