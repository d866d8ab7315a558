"""One rule of a cohort, and how many mentees every mentor gets at least."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from app.core.forms import Form
from app.programs.factors import SETTINGS, Topic, ruled
from app.programs.saying import COMPARISONS, KINDS
from app.programs.texts import told

MOST_STEPS, MOST_ANSWERS, MOST_HOURS, MOST_MENTEES = 99, 10, 12, 9
_STEPS = _l("Enter a whole number from -99 to 99; a number below 0 means below the mentee.")
_HOURS = _l("Enter a whole number of hours from 1 to 12.")
_ANSWERS = _l("Enter a whole number from 1 to 10.")


class RuleForm(Form):
    """A rule about one topic: what it asks, and how strictly."""

    version = IntegerField(widget=HiddenInput())
    kind = RadioField(
        _l("How strict?"),
        description=_l(
            "What must be or must not be comes before any weight. Where something must be, nobody "
            "is matched without an answer on both sides."
        ),
    )
    comparator = SelectField(_l("How it compares"))

    @property
    def shown(self) -> list[Any]:
        """The numbers that some comparison of this topic needs."""
        return [self[name] for name in ("at_least", "low", "high", "hours") if name in self]

    def validate(self, extra_validators: Any = None) -> bool:
        """A stretch of steps has an order."""
        is_fine = bool(super().validate(extra_validators))
        if not is_fine or self.comparator.data != "gap" or "low" not in self:
            return is_fine
        if self.high.data is not None and self.high.data < self.low.data:
            self.high.errors = [_("The second number cannot be smaller than the first.")]
            return False
        return True

    def rule(self, topic: Topic, former: Mapping[str, Any] | None) -> dict[str, Any]:
        """The rule as it is stored."""
        comparator = self.comparator.data
        names = [name for name in SETTINGS.get(comparator, ()) if name in self]
        asked = {name: self[name].data for name in names if self[name].data is not None}
        if comparator == "gap" and "low" not in self:  # no sides: the same both ways
            asked["low"] = -asked["high"]
        kind = self.kind.data
        return ruled(topic, former, kind=kind, comparator=comparator, settings=asked)


def rule_form(
    topic: Topic, rule: Mapping[str, Any] | None, version: int, *, is_mutual: bool = False
) -> RuleForm:
    """The form of a rule about a topic, as it is now or as it is usual."""
    names: dict[str, Any] = {}
    for comparator in topic.comparators:
        names |= _numbers(comparator, is_mutual=is_mutual)
    data: dict[str, Any] = {"version": version, "at_least": 1, "low": 1, "high": 5, "hours": 2}
    data |= {"hours": 6} if "zone" in topic.comparators else {}
    data |= {"comparator": topic.comparators[0], "kind": topic.kinds[0], **dict(topic.params)}
    if rule is not None:
        data |= {"high": None} if rule["comparator"] == "gap" else {}
        data |= {"comparator": rule["comparator"], "kind": rule["kind"], **rule["params"]}
    form: RuleForm = type("RuleFormOfTopic", (RuleForm,), names)(data=data)
    form.kind.choices = [(kind, str(KINDS[kind])) for kind in topic.kinds]
    # What can be compared in one way alone is called by its topic: a pair before, a reporting line.
    own = told(topic.label)
    form.comparator.choices = [(one, str(COMPARISONS.get(one, own))) for one in topic.comparators]
    return form


def _numbers(comparator: str, *, is_mutual: bool) -> dict[str, Any]:
    if comparator == "overlap":
        return {"at_least": _whole(_l("Answers in common, at least"), 1, MOST_ANSWERS, _ANSWERS)}
    if comparator in ("zone", "windows"):
        return {"hours": _whole(_l("Hours"), 1, MOST_HOURS, _HOURS)}
    if comparator != "gap":
        return {}
    if is_mutual:
        wrong = _l("Enter a whole number from 0 to 99.")
        return {"high": _whole(_l("Steps between the two, at most"), 0, MOST_STEPS, wrong)}
    low = _whole(_l("Steps from the mentee up to the mentor, at least"), -MOST_STEPS, MOST_STEPS)
    high = IntegerField(
        _l("Steps from the mentee up to the mentor, at most"),
        [Optional(), NumberRange(-MOST_STEPS, MOST_STEPS, _STEPS)],
        description=_l("Leave it empty if there is no most."),
    )
    return {"low": low, "high": high}


def _whole(label: Any, least: int, most: int, wrong: Any = _STEPS) -> IntegerField:
    return IntegerField(label, [InputRequired(wrong), NumberRange(least, most, wrong)])


class MinimumForm(Form):
    """How many mentees every mentor gets at least."""

    version = IntegerField(widget=HiddenInput())
    minimum = IntegerField(
        _l("Mentees that every mentor gets at least"),
        [
            InputRequired(_l("Enter a whole number from 0 to 9.")),
            NumberRange(0, MOST_MENTEES, _l("Enter a whole number from 0 to 9.")),
        ],
        description=_l(
            "With 0 a mentor may stay without anybody. A run that cannot give every mentor as "
            "many finds nothing and says so."
        ),
    )
