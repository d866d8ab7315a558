"""What people have to know before they come: asked about one event, and about a whole series."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.validators import Length, Optional, ValidationError

from app.core.forms import Form
from app.events.forms.words import ACCESS
from app.events.models import Event
from app.events.rules import Access, EventState

NEEDED_TO_PUBLISH = _l("This is needed before it is published. Or save it as a draft.")
NEEDED_ALREADY = _l("This is needed: the event is on its way, and people rely on it.")


def _access(label: Any) -> RadioField:
    return RadioField(label, coerce=Access, choices=list(ACCESS.items()), validators=[Optional()])


class AccessForm(Form):
    """The questions about access, some of which are needed as soon as others see the event."""

    captions = _access(_l("Are there captions?"))
    step_free = _access(_l("Is the way step-free?"))
    access_contact = StringField(_l("Whom to ask about access"), validators=[Length(max=200)])
    quiet_room = _access(_l("Is there a quiet room?"))
    sign_language = _access(_l("Is there sign language?"))
    materials = _access(_l("Are the materials there beforehand?"))

    publishes = False
    is_out = False
    event: Event | None = None

    def goes_with(self, event: Event) -> None:
        """What others see or decide about already keeps its answers."""
        self.event = event
        self.is_out = event.state not in (EventState.DRAFT, EventState.CHANGES_REQUESTED)

    def validate_access_contact(self, field: StringField) -> None:
        """What is published has answers about access."""
        if not (self.publishes or self.is_out):
            return
        fault = NEEDED_TO_PUBLISH if self.publishes else NEEDED_ALREADY
        for needed in (self.captions, self.step_free):
            if needed.data is None:
                needed.errors = [*needed.errors, fault]
        if not field.data or not field.data.strip():
            raise ValidationError(fault)

    def validate(self, extra_validators: Any = None) -> bool:
        """Fields, and what publishing needs of others than the one that was looked at."""
        is_valid = super().validate(extra_validators)
        return bool(is_valid and not self.captions.errors and not self.step_free.errors)

    @property
    def lacks_access(self) -> bool:
        """Whether the answers that publishing needs are not all there."""
        needed = (self.captions, self.step_free, self.access_contact)
        return any(field.errors or not field.data for field in needed)
