"""How a group is doing: figures with formula and denominator, small numbers shielded."""
