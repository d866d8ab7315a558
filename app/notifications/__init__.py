"""The in-app inbox and the channels by which people are reached."""
