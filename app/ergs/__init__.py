"""Employee resource groups: the groups, who belongs and who may know, who leads."""
