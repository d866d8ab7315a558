"""Programs, cohorts, enrollment, matching runs and offers."""
