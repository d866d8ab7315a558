"""A mentee's order of the mentors on a shortlist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from app.core.forms import Form
from app.programs.models import ShortlistEntry


class RankingForm(Form):
    """A place for each mentor of a shortlist, or none."""

    @property
    def places(self) -> list[Any]:
        """The fields of the mentors."""
        return [field for field in self if field.name.startswith("m_")]

    @property
    def wanted(self) -> list[UUID]:
        """The mentors who have a place, the first first."""
        ranked = sorted((int(field.data), field.name) for field in self.places if field.data)
        return [UUID(name.removeprefix("m_")) for _place, name in ranked]

    def validate(self, extra_validators: Any = None) -> bool:
        """No place twice; the second one is told."""
        is_fine = bool(super().validate(extra_validators))
        seen: set[str] = set()
        for field in self.places:
            if field.data and field.data in seen:
                field.errors = [_("Another person has this place already. Choose another one.")]
                is_fine = False
            seen.add(field.data)
        return is_fine


def ranking_form(entries: list[ShortlistEntry]) -> RankingForm:
    """A mentee's order of a shortlist, as it stands."""
    choices = [("", _l("No place"))]
    choices += [(str(n), _l("Place %(number)s", number=n)) for n in range(1, len(entries) + 1)]
    names = {f"m_{entry.mentor_id}": SelectField(_l("Place"), choices=choices) for entry in entries}
    data = {f"m_{entry.mentor_id}": str(entry.rank or "") for entry in entries}
    return type("OwnRankingForm", (RankingForm,), names)(data=data)  # type: ignore[no-any-return]
