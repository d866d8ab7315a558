"""Fixtures of this domain's page tests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager

import flask
import pytest

from app.core.database import writing


@pytest.fixture
def write(app: flask.Flask) -> Callable:
    """`with write() as db:` prepares data in a context of its own, so that no request shares it."""

    @contextmanager
    def transaction():
        with app.app_context(), writing() as db:
            yield db

    return transaction
