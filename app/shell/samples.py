"""What the style page shows: one of each, with made-up people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    EmailField,
    FileField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, Email
from wtforms.widgets import CheckboxInput, ListWidget

from app.core import clock
from app.core.forms import Form
from app.core.registries import AgendaItem

VISIBILITY = [("group", _l("Members of the group")), ("nobody", _l("Only I"))]


class SampleForm(Form):
    """Every kind of field."""

    name = StringField(_l("Name"), [DataRequired()], render_kw={"autocomplete": "name"})
    email = EmailField(_l("Email"), [DataRequired(), Email()], render_kw={"autocomplete": "email"})
    password = PasswordField(_l("Password"), render_kw={"autocomplete": "new-password"})
    about = TextAreaField(_l("About you"))
    region = SelectField(_l("Region"), choices=[("", _l("Choose one")), ("eu", _l("Europe"))])
    seen_by = RadioField(_l("Who may see that you joined?"), choices=VISIBILITY, default="group")
    topics = SelectMultipleField(
        _l("Topics"),
        choices=[("lead", _l("Leadership")), ("code", _l("Craft")), ("life", _l("Balance"))],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    agree = BooleanField(_l("I agree to meet once a month"))
    day = DateField(_l("Date"))
    hour = TimeField(_l("Time"))
    starts = DateTimeLocalField(_l("Starts"))
    sheet = FileField(_l("Sign-up sheet"))


def samples() -> dict[str, Any]:
    """The variables of the style page."""
    wrong = SampleForm(meta={"csrf": False}, prefix="wrong-")
    wrong.name.errors = [str(_l("Say how people call you."))]
    wrong.seen_by.errors = [str(_l("Choose who may see it."))]
    return {"form": SampleForm(), "wrong": wrong, "items": _items(), "now": clock.now()}


def _items() -> list[AgendaItem]:
    now = clock.now()
    return [
        AgendaItem(
            "answer",
            now - timedelta(hours=2),
            str(_l("Chen would mentor you")),
            str(_l("Career Advancement, spring cohort")),
            "/mentoring/",
            "sprout",
        ),
        AgendaItem(
            "next",
            now + timedelta(days=2),
            str(_l("Women in Tech: kickoff")),
            str(_l("Online and in Berlin")),
            "/events/",
            "calendar-days",
        ),
        AgendaItem(
            "moved",
            now - timedelta(days=1),
            str(_l("You reached a step of your goal")),
            str(_l("Give one talk this year")),
            "/mentoring/",
            "target",
        ),
    ]
