"""Questions of an enrollment form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.programs.rules.states import Purpose, Role


@dataclass(frozen=True, slots=True)
class Field:
    """One question of an enrollment form; `label` and options are sentences to translate."""

    key: str
    label: str
    kind: str  # choices | choice | text | scale
    purpose: Purpose
    roles: tuple[Role, ...] = (Role.MENTEE, Role.MENTOR)
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    required: bool = False

    def stored(self) -> dict[str, Any]:
        """The question as JSON."""
        return {
            "key": self.key,
            "label": self.label,
            "kind": self.kind,
            "purpose": self.purpose.value,
            "roles": [role.value for role in self.roles],
            "options": [list(option) for option in self.options],
            "hint": self.hint,
            "required": self.required,
        }


def field_from(stored: Mapping[str, Any]) -> Field:
    """The question from its JSON."""
    return Field(
        key=stored["key"],
        label=stored["label"],
        kind=stored["kind"],
        purpose=Purpose(stored["purpose"]),
        roles=tuple(Role(role) for role in stored["roles"]),
        options=tuple((value, text) for value, text in stored["options"]),
        hint=stored.get("hint", ""),
        required=stored.get("required", False),
    )


def fields_for(fields: Iterable[Field], role: Role) -> list[Field]:
    """The questions that one side answers."""
    return [field for field in fields if role in field.roles]
