"""Announcements and newsletters of groups, and the digest."""
