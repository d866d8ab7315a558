"""The fair order of aims: most people, the worst-off pair, regret, the worst-off segment."""

from .ladder import best_scores, fair
from .segments import Standing, standing

__all__ = ["Standing", "best_scores", "fair", "standing"]
