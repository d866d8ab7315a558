"""What attendance adds to home, events, the desk, health, and to somebody's leaving."""

from app.attendance.agenda import base, desk, health, section  # noqa: F401 - they register
