"""The calendar of days off in the navigation of administrators."""

from flask_babel import lazy_gettext as _l

from app.core.registries import NavItem, navigation

navigation.add("holidays", NavItem("holidays.index", _l("Holidays"), "calendar-x", 82))
