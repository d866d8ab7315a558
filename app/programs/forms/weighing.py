"""How much each preference of a cohort counts, and what comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FloatField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import HiddenInput, NumberInput

from app.core.forms import Form
from app.programs import weights
from app.programs.rules import form_from
from app.programs.rungs import CHOICES, ORDERS, SEGMENT_NAMES
from app.programs.texts import told


def weights_form(rules: Mapping[str, Any], version: int, **more: Any) -> Form:
    """One number for each preference of the rules, and which order the matching follows."""
    known = weights.preferences(rules)
    names: dict[str, Any] = {f"w_{one.at}": _weight(told(one.label)) for one in known}
    if not form_from(rules).is_mutual:
        names |= _orders(weights.choices(rules))
    names["version"] = IntegerField(widget=HiddenInput())
    data = {f"w_{one.at}": round(one.weight, 1) for one in known}
    data |= {"objective": rules.get("objective", "total"), "segment": rules.get("segment", "")}
    data["choice"] = weights.choice_of(rules)
    return type("WeightsForm", (Form,), names)(data={**data, "version": version}, **more)  # type: ignore[no-any-return]


def _orders(choices: Sequence[str]) -> dict[str, Any]:
    """What comes first and who chooses, where there are two sides."""
    return {
        "objective": SelectField(
            _l("What comes first?"), choices=[(name, str(text)) for name, text in ORDERS.items()]
        ),
        "segment": SelectField(
            _l("Which groups should not fall behind?"),
            choices=[(name, str(text)) for name, text in SEGMENT_NAMES.items()],
            description=_l("The matching looks at what people do at work, never at who they are."),
        ),
        "choice": SelectField(
            _l("Who chooses?"), choices=[(name, str(CHOICES[name])) for name in choices]
        ),
    }


def _weight(label: str) -> FloatField:
    most = int(weights.MOST)
    return FloatField(
        label,
        [
            InputRequired(_l("Enter a number from 0 to 100; 0 leaves this out.")),
            NumberRange(0, most, _l("Enter a number from 0 to 100; 0 leaves this out.")),
        ],
        widget=NumberInput(step="any", min=0, max=most),
    )


def reweighed(form: Any, rules: Mapping[str, Any]) -> dict[str, Any] | None:
    """The rules as the form has them; None, with a sentence at a field, if nothing would count."""
    known = weights.preferences(rules)
    asked = [form[f"w_{one.at}"].data for one in known]
    usual = {"objective": rules.get("objective", "total"), "segment": "", "choice": "organizers"}
    orders = {name: form[name].data if name in form else value for name, value in usual.items()}
    try:
        return weights.reweighed(rules, asked, **orders)
    except weights.NothingCountsError:
        first = next(one for one in known if not one.is_private)
        form[f"w_{first.at}"].errors = [
            _("At least one factor that may be given as a reason must count.")
        ]
        return None
