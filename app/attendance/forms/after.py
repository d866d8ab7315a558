"""How it was, and what is left of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from app.attendance.forms.words import KINDS, STARS
from app.attendance.rules import MaterialKind
from app.core.forms import Form
from app.resources.rules import is_web_address

SHORT = 300
TOO_LONG = _l("Please keep it to 300 characters.")


class FeedbackForm(Form):
    """One to five, and two short texts."""

    stars = RadioField(
        _l("How was it?"),
        coerce=int,
        choices=list(STARS.items()),
        validators=[InputRequired(_l("Choose one of the answers."))],
    )
    good = TextAreaField(_l("What was good?"), validators=[Length(max=SHORT, message=TOO_LONG)])
    change = TextAreaField(
        _l("What should be different?"), validators=[Length(max=SHORT, message=TOO_LONG)]
    )


class MaterialForm(Form):
    """A link, a recording, notes, or a resource."""

    kind = RadioField(
        _l("What is it?"),
        coerce=MaterialKind,
        choices=list(KINDS.items()),
        default=MaterialKind.RECORDING,
        validators=[DataRequired(_l("Choose one of the answers."))],
    )
    title = StringField(
        _l("Title"),
        validators=[
            DataRequired(_l("This is needed.")),
            Length(max=160, message=_l("Please keep it to 160 characters.")),
        ],
    )
    url = StringField(
        _l("Web address"),
        validators=[Length(max=500, message=_l("This address is too long."))],
    )
    notes = TextAreaField(
        _l("Notes"), validators=[Length(max=5000, message=_l("Please keep it to 5000 characters."))]
    )
    resource = SelectField(_l("Resource of the group"), choices=[], validate_choice=False)

    @classmethod
    def of(cls, resources: list[tuple[str, str]]) -> MaterialForm:
        """With the resources that everybody in the audience may open."""
        form = cls()
        form.resource.choices = [("", _l("None")), *resources]
        if not resources:
            form.kind.choices = [c for c in form.kind.choices if c[0] != MaterialKind.RESOURCE]
        return form

    def validate(self, *args: Any, **more: Any) -> bool:
        """What a kind needs is there."""
        is_fine: bool = super().validate(*args, **more)
        kind = self.kind.data
        if kind in (MaterialKind.RECORDING, MaterialKind.LINK) and not is_web_address(
            self.url.data or ""
        ):
            self.url.errors = [_l("Enter a whole web address, beginning with https://.")]
            return False
        if kind is MaterialKind.NOTES and not (self.notes.data or "").strip():
            self.notes.errors = [_l("Write the notes here.")]
            return False
        if kind is MaterialKind.RESOURCE and self.resource_id is None:
            self.resource.errors = [_l("Choose a resource.")]
            return False
        return is_fine

    @property
    def resource_id(self) -> UUID | None:
        """The chosen resource."""
        offered = {value for value, _text in self.resource.choices if value}
        if self.kind.data is not MaterialKind.RESOURCE or self.resource.data not in offered:
            return None
        return UUID(self.resource.data)

    def fields(self) -> dict[str, Any]:
        """What the service takes; only what belongs to the kind."""
        kind = self.kind.data
        has_url = kind in (MaterialKind.RECORDING, MaterialKind.LINK)
        return {
            "kind": kind,
            "title": self.title.data,
            "url": (self.url.data or "").strip() if has_url else "",
            "notes": (self.notes.data or "").strip() if kind is MaterialKind.NOTES else "",
            "resource_id": self.resource_id,
        }
