"""The sweeps of groups."""

from app.ergs.jobs import images, polls, terms  # noqa: F401 - they register themselves
