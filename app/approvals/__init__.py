"""Approval chains: stages with deputies, rules that approve by themselves, and their replay."""
