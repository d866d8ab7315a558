"""Annual plans, initiatives, key results, and recommendations with a public answer."""
