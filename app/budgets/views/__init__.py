"""Pages of money: overview, requests, ledger and its files; cycles and rates for administrators."""

from app.budgets.views import admin, ledger, overview, requests  # noqa: F401 - they add routes
from app.budgets.views.base import bp

__all__ = ["bp"]
