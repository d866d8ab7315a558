"""Events: planned by groups, answered by people, exact to the seat and to the minute."""
