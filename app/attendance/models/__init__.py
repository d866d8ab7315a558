"""Scans at the door, tries of the room code, access needs, feedback, materials."""

from app.attendance.models.feedback import FeedbackBox, FeedbackPlace
from app.attendance.models.materials import EventMaterial
from app.attendance.models.needs import AccessNeed
from app.attendance.models.scans import DoorScan, RoomTry

__all__ = ["AccessNeed", "DoorScan", "EventMaterial", "FeedbackBox", "FeedbackPlace", "RoomTry"]
