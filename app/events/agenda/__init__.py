"""What events add to home, navigation, search, groups, the leads' desk and health."""

from app.events.agenda import (  # noqa: F401 - they register themselves
    asking,
    base,
    desk,
    fair_time,
    handover,
    health,
    planning,
    series,
)
