"""Starting a program: words, length, sizes where a format has groups, and whom offers ask."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField
from wtforms.validators import NumberRange, Optional

from app.programs.forms import ProgramForm
from app.programs.forms.settings import BOTH, ONE, has_order, orders
from app.programs.rules import SHAPES, Format, is_unusual_length
from app.programs.templates import Template
from app.programs.texts import told

LONGEST, LARGEST = 36, 12


class StudioForm(ProgramForm):
    """A new program from a template, with warnings where its numbers do not suit the format."""

    months = IntegerField(
        _l("Length in months"),
        [Optional(), NumberRange(1, LONGEST, _l("Enter a number of months from 1 to 36."))],
        description=_l(
            "Six months are a good length: those who want to can renew at the end, which keeps "
            "more people than one long cohort."
        ),
    )
    is_sure = BooleanField(_l("I am sure about this length"))
    least = IntegerField(
        _l("Fewest people in a group"),
        [Optional(), NumberRange(2, LARGEST, _l("Enter a number from 2 to 12."))],
    )
    most = IntegerField(
        _l("Most people in a group"),
        [Optional(), NumberRange(2, LARGEST, _l("Enter a number from 2 to 12."))],
    )

    order = RadioField(
        _l("Whom does an offer ask?"), description=_l("Whoever is asked last decides.")
    )
    follows_up = BooleanField(
        _l("Match again automatically"),
        description=_l("Whoever waits after a no gets the next match as soon as a place is free."),
    )

    def __init__(self, template: Template, **more: Any) -> None:
        shape = SHAPES[template.format]
        words = ("title", "explicit_title", "summary")
        data = {name: told(getattr(template, name)) for name in words}
        numbers = {"months": template.months, "least": shape.least, "most": shape.most}
        offers = {"order": BOTH if template.asks_both else ONE, "follows_up": True}
        super().__init__(data={**data, **numbers, **offers}, **more)
        self.template = template
        if has_order(template.format):
            self.order.choices = orders(template.format)
        else:
            del self.order
        if shape.kind not in ("groups", "circles"):
            del self.least, self.most

    @property
    def is_unusual(self) -> bool:
        """Whether the length asked for does not suit the format."""
        return bool(self.months.data) and is_unusual_length(self.template.format, self.months.data)

    def validate(self, extra_validators: Any = None) -> bool:
        """An unusual length is possible for whoever says so; sizes have an order."""
        is_fine = bool(super().validate(extra_validators))
        if is_fine and self.is_unusual and not self.is_sure.data:
            self.months.errors = [self._warning()]
            is_fine = False
        if is_fine and "least" in self and self.sizes[0] > self.sizes[1]:
            self.most.errors = [_("The most cannot be fewer than the fewest.")]
            is_fine = False
        return is_fine

    def _warning(self) -> str:
        low, high = SHAPES[self.template.format].range
        if self.template.format is Format.SITUATIONAL:
            text: str = _("Mentoring beside a task takes three to six months.")
        elif self.months.data < low:
            text = _("Fewer than %(low)s months are too short for trust to grow.", low=low)
        else:
            text = _(
                "After %(high)s months many drift apart. Plan six months, and let people renew.",
                high=high,
            )
        return _("%(warning)s Change it, or say below that you are sure.", warning=text)

    @property
    def sizes(self) -> tuple[int, int]:
        """Fewest and most people in a group."""
        shape = SHAPES[self.template.format]
        if "least" not in self:
            return shape.least, shape.most
        return self.least.data or shape.least, self.most.data or shape.most

    @property
    def numbers(self) -> dict[str, Any]:
        """What the service takes."""
        return {
            "months": self.months.data or self.template.months,
            "sizes": self.sizes,
            "asks_mentor": "order" in self and self.order.data == BOTH,
            "follows_up": self.follows_up.data,
        }
