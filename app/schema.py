"""Imports every models module once, so that the metadata is whole (factory, Alembic, tests)."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

from app.core import files as _files  # noqa: F401 - its table belongs to the schema
from app.core import outbox as _outbox  # noqa: F401 - its table belongs to the schema
from app.core import search as _search  # noqa: F401
from app.core.database import Base

for _domain in (
    "audit",
    "accounts",
    "demographics",
    "notifications",
    "holidays",
    "ergs",
    "approvals",
    "health",
    "posts",
    "threads",
    "resources",
    "elections",
    "events",
    "attendance",
    "speed",
    "budgets",
    "plans",
    "programs",
    "mentoring",
    "concerns",
):
    if find_spec(f"app.{_domain}") and find_spec(f"app.{_domain}.models"):
        importlib.import_module(f"app.{_domain}.models")

metadata = Base.metadata
