"""What ends a subscription: leaving the company, the group or a chapter."""

from app.core.registries import departures
from app.ergs.registry import chapter_leavings, leavings
from app.events.services import subscriptions

departures.add("series", subscriptions.end_departed)
leavings.add("series", subscriptions.end_left)
chapter_leavings.add("series", subscriptions.end_left)
