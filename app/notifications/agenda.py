"""The inbox's place in the navigation."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.registries import NavItem, navigation

navigation.add("notifications", NavItem("notifications.index", _l("Notifications"), "bell", 80))
