"""What ends a subscription: leaving the company, leaving the group."""

from app.core.registries import departures
from app.ergs.registry import leavings
from app.events.services import subscriptions

departures.add("series", subscriptions.end_departed)
leavings.add("series", subscriptions.end_left)
