"""What forms of a workspace share."""

from __future__ import annotations

from typing import Any

from app.core.forms import Form


class OneOfMany(Form):
    """A form that shares its page with others: its fields' ids begin with a word of its own."""

    word = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for field in self:
            field.id = f"{self.word}-{field.name}"
