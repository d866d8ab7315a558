"""Speed mentoring: rounds of short talks at an event, and what the two want afterwards."""
