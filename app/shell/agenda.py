"""What the shell registers: the way home."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.registries import NavItem, navigation

navigation.add("home", NavItem("shell.home", _l("Home"), "house", 10, bar=True))
