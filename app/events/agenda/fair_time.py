"""The page of fair hours, among those of a group's leads."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.ergs.registry import Place, places

places.add("fair_time", Place("events.fair", _l("Fair time"), "globe", 45, is_for_leads=True))
