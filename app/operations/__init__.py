"""Running Trellis: command line, processes, health, backup."""
