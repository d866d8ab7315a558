"""Verbs of programs; they flush, the caller commits."""
