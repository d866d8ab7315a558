"""Attributes, purposes and sources of self-identification."""

from __future__ import annotations

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
