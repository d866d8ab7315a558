"""What groups add to home, navigation, search, and to somebody's departure."""

from app.ergs.agenda import base, groups, roles  # noqa: F401 - they register themselves
