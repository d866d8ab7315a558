"""Verbs of concerns: raise, add, take back; read, take, note, answer, decide; choose handlers."""
