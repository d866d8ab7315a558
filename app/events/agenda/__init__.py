"""What events add to home, navigation, search, groups, the leads' desk and health."""

from app.events.agenda import base, desk, handover, health  # noqa: F401 - they register themselves
