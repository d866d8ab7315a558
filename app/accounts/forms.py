"""Input about accounts, made clean; forms never write."""

from __future__ import annotations

from datetime import time
from typing import Any

from babel.core import get_global
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, PasswordField, SelectField, StringField, ValidationError
from wtforms.fields import TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Length, Optional

from app.accounts.queries.signin import is_refused_here
from app.accounts.rules.passwords import LONGEST, SHORTEST, is_common
from app.core import clock
from app.core.forms import Form
from app.core.locale import offered


class SignInForm(Form):
    """Who wants in; `next` is checked where it is used."""

    email = StringField(
        _l("Work email"),
        [InputRequired(_l("Enter your email address.")), Length(max=254)],
        render_kw={"type": "email", "autocomplete": "username", "inputmode": "email"},
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Enter your password.")), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )


class ForgottenForm(Form):
    """The address a new link goes to."""

    email = StringField(
        _l("Work email"),
        [
            InputRequired(_l("Enter your email address.")),
            Length(max=254),
            Email(_l("That does not look like an email address; check it, e.g. name@company.com.")),
        ],
        render_kw={"type": "email", "autocomplete": "username", "inputmode": "email"},
    )


def acceptable_password(_form: Form, field: Field) -> None:
    """Long enough, and not among those that are tried first."""
    text = field.data or ""
    if len(text) < SHORTEST:
        raise ValidationError(_("Use at least %(number)s characters.", number=SHORTEST))
    if len(text) > LONGEST:
        raise ValidationError(_("Use at most %(number)s characters.", number=LONGEST))
    if is_common(text) or is_refused_here(text):
        raise ValidationError(
            _("This password is among those that attackers try first. A few random words do well.")
        )


class NewPasswordForm(Form):
    """A new password, typed once: people may look at it and paste it."""

    new_password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Enter a new password.")), acceptable_password],
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST},
    )


class ChangePasswordForm(NewPasswordForm):
    """The same for somebody who is signed in and proves it once more."""

    current_password = PasswordField(
        _l("Current password"),
        [InputRequired(_l("Enter your current password."))],
        render_kw={"autocomplete": "current-password"},
    )


SUGGESTED = 20
CONTINENTS = ("Africa", "America", "Asia", "Australia", "Europe", "Pacific")


def language_choices() -> list[SelectChoice]:
    """Each language by its own name."""
    return [SelectChoice(language.tag, language.name) for language in offered()]


def zones_like(typed: str) -> list[str]:
    """A few zones to suggest for what somebody has typed, without old names of the same."""
    wanted = typed.strip().lower().replace(" ", "_")
    named = {zone for zone in clock.zone_names() if zone.split("/")[0] in CONTINENTS}
    current = sorted(named - set(get_global("zone_aliases")) | {"UTC"})
    return [zone for zone in current if wanted in zone.lower()][:SUGGESTED]


class PreferencesForm(Form):
    """How somebody reads words and times."""

    locale = SelectField(_l("Language"))
    zone = StringField(
        _l("Time zone"),
        [InputRequired(_l("Choose your time zone."))],
        description=_l("Start typing a city, e.g. Nairobi."),
        render_kw={"list": "zones", "autocomplete": "off"},
    )
    hour_cycle = SelectField(
        _l("Clock"),
        choices=[
            SelectChoice("", _l("As usual in my language")),
            SelectChoice("h23", _l("24 hours, e.g. 15:30")),
            SelectChoice("h12", _l("12 hours, e.g. 3:30 pm")),
        ],
    )
    quiet_from = TimeField(_l("Quiet from"), [Optional()])
    quiet_to = TimeField(_l("Quiet until"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.locale.choices = language_choices()

    def validate_zone(self, field: Field) -> None:
        """A zone the clock knows."""
        wanted = (field.data or "").replace(" ", "_")
        known = {zone.lower(): zone for zone in clock.zone_names()}
        if wanted.lower() not in known:
            raise ValidationError(_("Choose a time zone from the list, e.g. Africa/Nairobi."))
        field.data = known[wanted.lower()]

    @property
    def quiet(self) -> tuple[time | None, time | None]:
        """The quiet hours, or (None, None)."""
        return self.quiet_from.data, self.quiet_to.data
