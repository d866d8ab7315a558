"""Pages of plans: the year, an initiative; recommendations and their answers."""

from app.plans.views import initiatives, plans, recommendations  # noqa: F401 - they add routes
from app.plans.views.base import bp

__all__ = ["bp"]
