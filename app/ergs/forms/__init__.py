"""What people enter about groups, and the words of the choices."""

from app.ergs.forms.membership import LeaveForm, MembershipForm, RefusalForm, chapter_names
from app.ergs.forms.words import (
    ADMISSIONS,
    DISCOVERIES,
    REFUSED_CHOICE,
    REGIONS,
    RELATION_BADGES,
    RELATIONS,
    ROLES,
    ROSTERS,
    VISIBILITIES,
    VISIBILITY_HINTS,
)

__all__ = [
    "ADMISSIONS",
    "DISCOVERIES",
    "REFUSED_CHOICE",
    "REGIONS",
    "RELATIONS",
    "RELATION_BADGES",
    "ROLES",
    "ROSTERS",
    "VISIBILITIES",
    "VISIBILITY_HINTS",
    "LeaveForm",
    "MembershipForm",
    "RefusalForm",
    "chapter_names",
]
