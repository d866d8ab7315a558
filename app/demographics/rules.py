"""Attributes, purposes and sources of self-identification."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Attribute(StrEnum):
    """What a person may say about who they are."""

    GENDER = "gender"
    ETHNICITY = "ethnicity"
    DISABILITY = "disability"
    VETERAN = "veteran"
    ORIENTATION = "orientation"
    BIRTH_YEAR = "birth_year"
    AGE = "age"
    MARITAL_STATUS = "marital_status"
    RELIGION = "religion"
    NATIONALITY = "nationality"


class Purpose(StrEnum):
    """What a value may be used for; each needs the person's consent."""

    ANALYTICS = "analytics"
    MATCHING_SHAREABLE = "matching-shareable"
    MATCHING_DENIABLE = "matching-deniable"


class Source(StrEnum):
    """Who said it: the person, or the employer's records."""

    SELF = "self"
    HRIS = "hris"


class NoConsent(PermissionError):
    """A read for a purpose the person has not agreed to."""


HRIS_PURPOSES = (Purpose.ANALYTICS,)


# What may be asked for matching, and the answers among which one chooses. An answer that is used
# deniably may be seen as any other of its list.
OPTIONS: dict[Attribute, tuple[str, ...]] = {
    Attribute.GENDER: ("woman", "man", "nonbinary"),
    Attribute.ORIENTATION: ("lgbtq", "straight"),
    Attribute.DISABILITY: ("yes", "no"),
    Attribute.VETERAN: ("yes", "no"),
}
MATCHING = (Purpose.MATCHING_SHAREABLE, Purpose.MATCHING_DENIABLE)


@dataclass(frozen=True, slots=True)
class MatchAnswer:
    """What somebody says for matching about one attribute: who they are, how that may be used, and
    whom they would like to meet; ``only`` means that they would rather wait than meet others."""

    value: str = ""
    use: Purpose | None = None
    wish: str = ""
    only: bool = False

    def __post_init__(self) -> None:
        if self.use is not None and self.use not in MATCHING:
            raise ValueError(self.use)


@dataclass(frozen=True, slots=True)
class MatchFacts:
    """What the matcher may use of one person, as `attribute:value`: what the match may know, what
    is seen of deniable answers (perhaps another answer), and whom the person would like to meet."""

    shared: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    wishes: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
