"""What demographics registers: where identity columns of a people file go."""

from app.accounts.services.imports import identity_sinks
from app.demographics.services import record_hris

identity_sinks.add("demographics", record_hris)
