"""Days on which the organization, or one of its sites, does not work."""
