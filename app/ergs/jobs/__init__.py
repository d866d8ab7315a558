"""The sweeps of groups."""
