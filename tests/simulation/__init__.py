"""Whole programs played through with a moving clock, by the app's own services and sweeps."""
