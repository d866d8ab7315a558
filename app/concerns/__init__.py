"""Concerns: something is wrong, told in safety to a few named people and to nobody else."""
