"""The form that says what the columns of a sign-up sheet mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DecimalField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.core.forms import Form
from app.programs.rules import SHAPES, Format, Role
from app.programs.sheets import FACTORS, Problem
from app.programs.texts import LANGUAGES, language_name

NONE = ""
PROBLEMS = {
    "no_id": _l("There is no id in this row."),
    "duplicate": _l("The id %(value)s occurs a second time in the same role."),
    "role": _l("“%(value)s” is neither the word for mentors nor the one for mentees."),
    "capacity": _l("“%(value)s” is not a number of places."),
    "number": _l("“%(value)s” does not begin with a number."),
}
COMPARISONS = (
    ("overlap", _l("A list: the share of the mentee's items in common")),
    ("equal", _l("The same answer")),
    ("differ", _l("Different answers")),
    ("gap", _l("A number: the mentor is higher")),
)
TURNED = ("gap", _l("A number: the mentee is higher"))  # where the mentor is the junior
FAR = 99
PEOPLE = ("id", "name", "role", "capacity")


def problem_text(problem: Problem) -> str:
    """A problem of a row in the reader's language."""
    return str(PROBLEMS[problem.code]) % {"value": problem.value}


class MappingForm(Form):
    """Which column is what, and how the factors compare."""

    id = SelectField(
        _l("Id of the person"),
        [InputRequired(_l("Choose the column that tells people apart."))],
        description=_l("Work addresses are recognized; anything else is kept as an id."),
    )
    name = SelectField(_l("Name"), [Optional()])
    role = SelectField(
        _l("Mentor or mentee"), [InputRequired(_l("Choose the column that holds the role."))]
    )
    mentor_word = StringField(_l("Word for mentors"), [InputRequired(), Length(max=60)])
    mentee_word = StringField(_l("Word for mentees"), [InputRequired(), Length(max=60)])
    capacity = SelectField(_l("Places of a mentor"), [Optional()])
    minimum = SelectField(
        _l("Mentees that every mentor gets at least"), choices=[("0", "0"), ("1", "1"), ("2", "2")]
    )
    language = SelectField(
        _l("Language that all of them speak"),
        [Optional()],
        description=_l(
            "If it is not known, the rule about a language in common is taken out: nobody of the "
            "sheet could meet it."
        ),
    )
    format: Format

    @property
    def mapping(self) -> dict[str, Any]:
        """The choices as they are stored."""
        factors = [self._factor(n) for n in range(1, FACTORS + 1) if self[f"column_{n}"].data]
        shape = SHAPES[self.format]
        words = ("mentor_word", "mentee_word")
        return {
            **{key: _index(self[key].data) if key in self else None for key in PEOPLE},
            **{key: self[key].data if key in self else "" for key in words},
            "minimum": int(self.minimum.data) if "minimum" in self else 0,
            "language": self.language.data,
            "sides": not shape.is_mutual,
            "places": shape.most if shape.kind == "groups" else 1,
            "factors": factors,
        }

    def _factor(self, n: int) -> dict[str, Any]:
        is_turned = self[f"compare_{n}"].data == "gap" and _is_turned(self.format)
        return {
            "params": {"low": -FAR, "high": -1} if is_turned else {},
            "column": int(self[f"column_{n}"].data),
            "label": self[f"label_{n}"].data,
            "compare": self[f"compare_{n}"].data,
            "separator": self[f"separator_{n}"].data,
            "trim": self[f"trim_{n}"].data,
            "weight": float(self[f"weight_{n}"].data),
        }

    @property
    def factor_fields(self) -> list[list[Any]]:
        """The fields of each factor, for the page."""
        names = ("column", "label", "compare", "separator", "trim", "weight")
        return [[self[f"{name}_{n}"] for name in names] for n in range(1, FACTORS + 1)]

    def validate_column_1(self, field: Any) -> None:
        """At least one factor, else there is nothing to score by."""
        if not field.data:
            raise ValidationError(_("Choose at least one column to match by."))


def _index(value: str) -> int | None:
    return int(value) if value else None


def _is_turned(format_: Format) -> bool:
    return SHAPES[format_].last_word is Role.MENTOR


def mapping_form(
    headers: Sequence[str], mapping: Mapping[str, Any], format_: Format = Format.ONE_TO_ONE
) -> MappingForm:
    """The form over the columns of one sheet, filled with what is known so far.

    Where there are no sides it asks for none; where there are groups, their size is the minimum.
    """
    names: dict[str, Any] = {}
    for n in range(1, FACTORS + 1):
        names |= _factor_fields(n)
    form: MappingForm = type("SheetMappingForm", (MappingForm,), names)(data=_data(mapping))
    columns = [(NONE, _("– none –")), *((str(at), _titled(at, h)) for at, h in enumerate(headers))]
    for key in (*PEOPLE, *(f"column_{n}" for n in range(1, FACTORS + 1))):
        form[key].choices = columns
    languages = [(tag, language_name(tag)) for tag in LANGUAGES]
    form.language.choices = [(NONE, _("– not known –")), *languages]
    form.format, shape = format_, SHAPES[format_]
    for n in range(1, FACTORS + 1):
        form[f"compare_{n}"].choices = _comparisons(format_)
    if shape.is_mutual:
        del form.role, form.mentor_word, form.mentee_word, form.capacity
    if shape.is_shared:
        del form.minimum
    return form


def _comparisons(format_: Format) -> list[tuple[str, Any]]:
    *alike, higher = COMPARISONS
    if SHAPES[format_].is_mutual:
        return alike
    return [*alike, TURNED if _is_turned(format_) else higher]


def _factor_fields(n: int) -> dict[str, Any]:
    return {
        f"column_{n}": SelectField(_l("Column"), [Optional()]),
        f"label_{n}": StringField(_l("What to call it"), [Length(max=60)]),
        f"compare_{n}": SelectField(_l("How it compares"), choices=COMPARISONS),
        f"separator_{n}": StringField(_l("Between items"), [Length(max=5)], default=","),
        f"trim_{n}": BooleanField(_l("Ignore blanks around items"), default=True),
        f"weight_{n}": DecimalField(
            _l("Weight"), [NumberRange(min=0.01, max=100)], default=1, places=None
        ),
    }


def _titled(at: int, header: str) -> str:
    flat = " ".join(header.split())
    shown = flat if len(flat) <= 70 else flat[:69] + "…"
    return f"{at + 1}. {shown}"


def _data(mapping: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {
        key: NONE if mapping.get(key) is None else str(mapping[key]) for key in (*PEOPLE, "minimum")
    }
    data["language"] = mapping.get("language", NONE)
    data |= {key: mapping[key] for key in ("mentor_word", "mentee_word")}
    for n, factor in enumerate(mapping["factors"], 1):
        data |= {f"{key}_{n}": value for key, value in factor.items()}
        data[f"column_{n}"] = str(factor["column"])
    return data
