"""Watches the border between reading and writing while the tests run."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any

from sqlalchemy.orm import Session, object_session

from app.core.database import Base


class ReadObjectInService(AssertionError):
    """An object of the read session reached a service."""


def watch_services() -> int:
    """Wrap every public service so that a row of another session than its own is refused.

    Returns the number of services watched.
    """
    replaced: dict[FunctionType, Callable[..., Any]] = {}
    for name, module in list(sys.modules.items()):
        if not name.startswith("app.") or ".services" not in name:
            continue
        for attribute, function in list(vars(module).items()):
            if _is_service(function, name, attribute):
                replaced[function] = watched(function)
    for name, module in list(sys.modules.items()):
        if name == "app" or name.startswith("app."):
            for attribute, value in list(vars(module).items()):
                if isinstance(value, FunctionType) and value in replaced:
                    setattr(module, attribute, replaced[value])
    return len(replaced)


def _is_service(function: object, module: str, attribute: str) -> bool:
    return (
        inspect.isfunction(function)
        and function.__module__ == module
        and not attribute.startswith("_")
        and not hasattr(function, "is_watched")
    )


def watched(function: Callable[..., Any]) -> Callable[..., Any]:
    """The service, refusing rows that are not of the session it was given."""

    @wraps(function)
    def service(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], Session):
            for value in (*args[1:], *kwargs.values()):
                if isinstance(value, Base) and object_session(value) is not args[0]:
                    raise ReadObjectInService(
                        f"{function.__module__}.{function.__name__} got a {type(value).__name__} "
                        "of another session; pass its id."
                    )
        return function(*args, **kwargs)

    service.is_watched = True  # type: ignore[attr-defined]
    return service
