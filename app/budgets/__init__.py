"""The money of groups: cycles, requests, an immutable ledger."""
