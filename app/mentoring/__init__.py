"""Relationships and their workspace: agreement, sessions, guides, goals, notes."""
