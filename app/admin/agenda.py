"""What administration registers: its place in the navigation."""

from flask_babel import lazy_gettext as _l

from app.core.registries import NavItem, navigation

navigation.add("manage_people", NavItem("admin.people", _l("Manage people"), "user-check", 80))
