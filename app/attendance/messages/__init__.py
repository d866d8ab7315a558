"""What attendance writes to people; neutral subjects, and nothing of a hidden event."""

from app.attendance.messages.after import AccessAnswer, Feedback, Missed

__all__ = ["AccessAnswer", "Feedback", "Missed"]
