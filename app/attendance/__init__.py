"""Attendance: who came, what they needed, what they thought, and what others missed."""
