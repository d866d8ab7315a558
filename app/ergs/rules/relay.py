"""How leads and members may write to each other."""

MAX_MESSAGE = 1000
# A lead who gets no answer stops here: nobody is pressed by the relay.
UNANSWERED = 3
