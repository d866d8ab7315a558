"""Verbs of mentoring; they flush, the caller commits."""
