"""Guests and partners as the rest of the product meets them: mails, home, sweeps, input, rights."""
