"""The inbox's place in the navigation, and what goes with an erased person."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.registries import NavItem, erasures, navigation
from app.notifications.services import erase

navigation.add("notifications", NavItem("notifications.index", _l("Notifications"), "bell", 80))


erasures.add("notifications", erase)
