"""What several contracts begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import databases


@pytest.fixture(scope="session")
def empty(shared_folder: Path) -> str:
    """The template of an empty company."""
    return databases.template(shared_folder, "sqlite", seeded=False)
