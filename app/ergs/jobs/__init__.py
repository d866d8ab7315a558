"""The sweeps of groups."""

from app.ergs.jobs import terms  # noqa: F401 - they register themselves
