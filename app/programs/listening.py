"""The module on listening that leaders of reverse programs take first: lessons and promises."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.validators import InputRequired

from app.core.forms import Form

LESSONS = (
    (
        _l("You are the learner"),
        _l(
            "You are used to giving answers. Here the other person has them. Come with a question "
            "about their work that you cannot answer yourself."
        ),
    ),
    (
        _l("Rank is in the room"),
        _l(
            "Somebody who depends on your opinion weighs every word. Say at the start that nothing "
            "said here goes to anybody's manager or into any review, and keep to it."
        ),
    ),
    (
        _l("Listen to the end"),
        _l(
            "Count to three before you speak. Repeat what you have heard in your own words and ask "
            "whether that is it. Explaining why things are as they are is not listening."
        ),
    ),
    (
        _l("Take what is uncomfortable as a gift"),
        _l(
            "It takes courage to tell a leader what does not work. Say thank you first; "
            "think about whether you agree afterwards."
        ),
    ),
    (
        _l("Change one thing"),
        _l(
            "Each session ends with one sentence that you write down: what I will do differently. "
            "The next session begins with how it went."
        ),
    ),
)
_KEEP = _l("Please say yes to each of the three; otherwise this format is not the right one.")


class ListeningForm(Form):
    """Three promises."""

    asks = BooleanField(
        _l("I ask more than I explain, and I listen to the end."), [InputRequired(_KEEP)]
    )
    keeps = BooleanField(
        _l("What I hear stays between us, and has no effect on anybody's review."),
        [InputRequired(_KEEP)],
    )
    changes = BooleanField(
        _l("I write down one thing that I will do differently, and say next time how it went."),
        [InputRequired(_KEEP)],
    )
