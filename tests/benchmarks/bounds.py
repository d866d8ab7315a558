"""Bounds of the table of targets: every row is held against its own, and what is missed is told."""

from __future__ import annotations

from dataclasses import dataclass, field

ROUNDING = 1e-9


@dataclass
class Bounds:
    """What was measured against a bound, what missed it, and what could not be measured here."""

    kept: int = 0
    missed: list[str] = field(default_factory=list)
    unmeasured: list[str] = field(default_factory=list)

    def at_most(self, what: str, figure: float, bound: float, note: str = "") -> None:
        """The figure may not be above the bound."""
        self._hold(what, f"{figure:.6g} > {bound:g}", note, is_kept=figure <= bound + ROUNDING)

    def at_least(self, what: str, figure: float, bound: float, note: str = "") -> None:
        """The figure may not be below the bound."""
        self._hold(what, f"{figure:.6g} < {bound:g}", note, is_kept=figure >= bound - ROUNDING)

    def left_out(self, what: str) -> None:
        """There is nothing here to measure a row with; that is neither kept nor missed."""
        self.unmeasured.append(what)

    def told(self) -> int:
        """Print what became of all rows; 1 when one missed its bound."""
        print(f"\nbounds kept: {self.kept}, missed: {len(self.missed)}")
        for line in self.missed:
            print(f"  missed: {line}")
        for line in self.unmeasured:
            print(f"  not measured: {line}")
        return int(bool(self.missed))

    def _hold(self, what: str, figures: str, note: str, *, is_kept: bool) -> None:
        if is_kept:
            self.kept += 1
        else:
            self.missed.append(f"{what}: {figures}{'; ' if note else ''}{note}")
