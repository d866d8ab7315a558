"""Whom offers ask, and whether whoever waits is matched again without anybody's doing."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField

from app.core.forms import Form
from app.programs.rules import SHAPES, Format

ONE, BOTH = "one", "both"
_ORDERS = {
    Format.BUDDY: (
        _l("The new colleague alone"),
        _l("The buddy first, then the new colleague"),
    ),
    Format.SPONSORSHIP: (
        _l("The sponsored colleague alone"),
        _l("The sponsor first, then the sponsored colleague"),
    ),
    Format.REVERSE: (
        _l("The junior mentor alone"),
        _l("The leader first, then the junior mentor"),
    ),
}
_USUAL = (_l("The mentee alone"), _l("The mentor first, then the mentee"))


def has_order(format_: Format) -> bool:
    """Whether there are two sides, of which one can be asked before the other."""
    return SHAPES[format_].kind == "pairs"


def orders(format_: Format) -> list[tuple[str, Any]]:
    """Whom offers can ask in a format; the last one asked always decides."""
    return list(zip((ONE, BOTH), _ORDERS.get(format_, _USUAL), strict=True))


class OffersForm(Form):
    """How offers of a program are made."""

    order = RadioField(
        _l("Whom does an offer ask?"),
        description=_l(
            "Whoever is asked last decides. Offers that have gone out keep the order they have."
        ),
    )
    follows_up = BooleanField(
        _l("Match again automatically"),
        description=_l(
            "Whoever waits after a no gets the next match as soon as a place is free, and waves "
            "start by themselves. Without it nobody is matched unless you start it."
        ),
    )

    def __init__(self, format_: Format, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if has_order(format_):
            self.order.choices = orders(format_)
        else:
            del self.order

    @property
    def asks_mentor(self) -> bool:
        """Whether both sides are asked."""
        return "order" in self and self.order.data == BOTH
