"""Where handlers and administrators find their pages, what a pause stops, what departure ends."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.concerns.services import contact, erasing, handlers
from app.core.registries import (
    NavItem,
    departures,
    erasures,
    navigation,
)
from app.mentoring.registry import contact_stops, holds

navigation.add("concerns_desk", NavItem("concerns.desk", _l("For you to read"), "shield-check", 78))


navigation.add(
    "concern_handlers", NavItem("concerns.handlers", _l("Concern handlers"), "user-check", 84)
)


contact_stops.add("concerns", contact.rests)


holds.add("concerns", contact.holds)


departures.add("concerns", handlers.leave)


erasures.add("concerns", erasing.erase)
