"""Elections of leads, and the handover to them."""
