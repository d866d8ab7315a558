"""The base of all forms: CSRF, translated messages, trimmed input."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.fields import StringField


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class Form(FlaskForm):  # type: ignore[misc]
    """Fields lose surrounding blanks; errors come in the reader's language."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Trim plain text fields; passwords are taken as typed."""
            if unbound_field.field_class is StringField:
                options["filters"] = [*unbound_field.kwargs.pop("filters", []), _trimmed]
            return unbound_field.bind(form=form, **options)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(field id, message) of every error, for the summary."""
        return [
            (field.id, str(message))
            for field in self
            for message in _flat(field.errors)
            if field.name != "csrf_token"
        ]


def _flat(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        return [text for part in errors.values() for text in _flat(part)]
    return [text for part in errors for text in ([part] if not isinstance(part, list) else part)]
