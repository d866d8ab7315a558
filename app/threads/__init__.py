"""Discussions in groups."""
