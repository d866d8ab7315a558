"""Administrators' pages: people and their import."""

from app.admin.views import imports, people
from app.admin.views.base import bp

__all__ = ["bp", "imports", "people"]
