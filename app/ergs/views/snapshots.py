"""How large groups roughly are, in words, for the directory and a group's page."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core.locale import format_number
from app.ergs.rules.snapshots import Band
from app.ergs.views.base import bp


@bp.app_context_processor
def _helpers() -> dict[str, object]:
    return {"band_text": band_text}


def band_text(band: Band) -> str:
    """A band in words."""
    if band.low == 0 and band.high is not None:
        return _("Fewer than %(number)s members", number=format_number(band.high + 1))
    low = format_number(band.low)
    if band.high is None:
        return _("%(low)s members or more", low=low)
    return _("%(low)s to %(high)s members", low=low, high=format_number(band.high))
