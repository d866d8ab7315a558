"""The base of all forms: CSRF, translated messages, trimmed input; and asking for a local time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.i18n import Translations
from wtforms import Field
from wtforms.fields import HiddenField, RadioField, StringField
from wtforms.validators import Optional, ValidationError

from app.core import clock
from app.core.walls import AmbiguousTime, NonexistentTime, instant_of


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


# What WTForms says in English to readers of Arabic, for want of a translation of its own.
OURS = {
    "Not a valid time value.": _l("This is not a time."),
    "'%(value)s' is not a valid choice for this field.": _l("Choose from the list."),
}


class Words(Translations):  # type: ignore[misc]
    """The sentences of WTForms in the reader's language, and ours where it lacks them."""

    def gettext(self, string: str) -> str:
        """One sentence."""
        return str(OURS[string] if string in OURS else super().gettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """One that counts."""
        return str(OURS[singular] if singular in OURS else super().ngettext(singular, plural, n))


class Form(FlaskForm):  # type: ignore[misc]
    """Fields lose surrounding blanks; errors come in the reader's language."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Trim plain text fields; passwords are taken as typed."""
            if unbound_field.field_class is StringField:
                options["filters"] = [*unbound_field.kwargs.pop("filters", []), _trimmed]
            return unbound_field.bind(form=form, **options)

        def get_translations(self, form: Any) -> Words:
            """What the fields and validators of WTForms say."""
            return Words()

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(field id, field and fault) of every error, for the summary."""
        return [
            (field.id, _named(field, str(message)))
            for field in self
            for message in _flat(field.errors)
            if field.name != "csrf_token"
        ]


def _named(field: Field, fault: str) -> str:
    """The fault with the name of its field; what is asked as a question ends as one."""
    name = str(field.label.text)
    if not name or isinstance(field, HiddenField):
        return fault
    if name[-1] in "?？؟":
        return str(_("%(question)s %(fault)s", question=name, fault=fault))
    return str(_("%(field)s: %(fault)s", field=name, fault=fault))


def known_zone(_form: Any, field: Field) -> None:
    """A validator: only zones that the world knows."""
    if field.data and field.data not in clock.zone_names():
        raise ValidationError(_("Choose a time zone from the list, such as Europe/Madrid."))


def which_of_two() -> RadioField:
    """The field `fold`, asked only when the clocks show a time twice (`asks_fold` of the form)."""
    return RadioField(
        _l("The clocks show this time twice on that day. Which one?"),
        coerce=int,
        choices=[
            (0, _l("The first, before the clocks go back")),
            (1, _l("The second, after the clocks went back")),
        ],
        validators=[Optional()],
    )


def instant_meant(form: Any, wall: datetime | None, fold: int | None) -> datetime | None:
    """The instant of a wall time in the form's zone, or None while either is missing.

    A time that the clocks skip is refused with the same moment on the new clock; one that they
    show twice makes the form ask which one is meant.
    """
    if wall is None or form.zone.data not in clock.zone_names():
        return None
    try:
        return instant_of(wall, form.zone.data, fold)
    except NonexistentTime as skipped:
        raise ValidationError(
            _(
                "The clocks skip this time on that day. The same moment is %(time)s.",
                time=format_datetime(skipped.suggestion, "short", rebase=False),
            )
        ) from None
    except AmbiguousTime:
        form.asks_fold = True
        asked = _("The clocks show this time twice on that day. Choose which one you mean.")
        raise ValidationError(asked) from None


def _flat(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        return [text for part in errors.values() for text in _flat(part)]
    return [text for part in errors for text in ([part] if not isinstance(part, list) else part)]
