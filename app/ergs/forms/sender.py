"""What leads enter about the sender of their group's news."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length, ValidationError

from app.core.forms import Form
from app.ergs.models import Erg
from app.ergs.rules.sender import MAX_REPLY_TO, MAX_SENDER, domain_of, is_fit_name


class SenderForm(Form):
    """Both may be left out; then mails come from the service alone."""

    sender_name = StringField(
        _l("Name of the sender"),
        validators=[Length(max=MAX_SENDER, message=_l("Please keep it under 60 characters."))],
    )
    reply_to = StringField(
        _l("Answers go to"),
        validators=[Length(max=MAX_REPLY_TO, message=_l("This is not a whole address."))],
    )

    @classmethod
    def of(cls, erg: Erg) -> SenderForm:
        """The form filled with what holds."""
        return cls(data={"sender_name": erg.sender_name, "reply_to": erg.reply_to})

    @property
    def values(self) -> tuple[str, str]:
        """(name, address), trimmed."""
        return (self.sender_name.data or "").strip(), (self.reply_to.data or "").strip()

    def validate_sender_name(self, _field: StringField) -> None:
        """Nothing that a mail program could take for something else."""
        if not is_fit_name(self.values[0]):
            raise ValidationError(
                _l("Use letters, digits and spaces only, without an address or line breaks.")
            )

    def validate_reply_to(self, _field: StringField) -> None:
        """A plain address."""
        if self.values[1] and not domain_of(self.values[1]):
            raise ValidationError(_l("Enter one address, such as group@example.com."))
