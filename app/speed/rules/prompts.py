"""What to talk about: whole sentences, one a round, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class PromptSet(StrEnum):
    """Prompts that belong together."""

    FIRST_TALK = "first_talk"
    GROWTH = "growth"
    LEADING = "leading"


PROMPTS: dict[PromptSet, tuple[LazyString, ...]] = {
    PromptSet.FIRST_TALK: (
        _l("What brought you to the work you do today, and what keeps you in it?"),
        _l("Tell each other about somebody who helped you at the right moment. What did they do?"),
        _l("What would you like to be able to do a year from now that you cannot do today?"),
        _l("Which decision of the last years would you make again, and which one would you not?"),
        _l("What do people often get wrong about your work?"),
        _l("Where do you lose most energy at the moment, and what would make it lighter?"),
        _l("What is one thing that you could teach somebody in an hour?"),
        _l("What is the next small step that you would like to be asked about in a month?"),
    ),
    PromptSet.GROWTH: (
        _l("Which skill made the greatest difference in your last two years?"),
        _l("Describe feedback that was hard to hear and turned out to be useful."),
        _l("Which task do you avoid, and what would you need in order to begin it?"),
        _l("How do you find out whether you are getting better at something?"),
        _l("What did you have to unlearn when you changed roles?"),
        _l("Whose way of working would you like to borrow for a week, and why?"),
        _l("What would you try if nobody could see it fail?"),
        _l("Agree on one thing that each of you will do before the end of next week."),
    ),
    PromptSet.LEADING: (
        _l("When did you last change your mind because of somebody in your team?"),
        _l("How do you notice that somebody in a meeting is not being heard?"),
        _l("What do you do in the first week with a new team?"),
        _l("Tell about a conflict that you would handle differently today."),
        _l("How do you decide what not to do?"),
        _l("Who gets the interesting tasks around you, and how is that decided?"),
        _l("How do you say no to somebody who is above you?"),
        _l("What would your team say that you should do more often?"),
    ),
}

TOPICS: dict[str, LazyString] = {
    "career": _l("Next step in my career"),
    "leading": _l("Leading people"),
    "change": _l("Changing field or role"),
    "speaking": _l("Speaking up and presenting"),
    "balance": _l("Work and the rest of life"),
    "technical": _l("Growing as a specialist"),
    "network": _l("Finding allies and a network"),
    "abroad": _l("Working across countries"),
}


@dataclass(frozen=True, slots=True)
class OwnPrompts:
    """Lines of the organizers' own in the language they wrote, and by language what each means.

    A line that changed has no translation any more, wherever it stands.
    """

    lines: tuple[str, ...] = ()
    locale: str = "en"
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def is_stale(self, locale: str) -> bool:
        """Whether a language has translations, and a line is without one."""
        known = self.texts.get(locale)
        return bool(known) and any(line not in known for line in self.lines)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as somebody reads it; `is_original`: there is none in their language."""

    text: str
    locale: str
    is_original: bool = False


def prompt_of(chosen: PromptSet, own: OwnPrompts, number: int, locale: str) -> Prompt:
    """The prompt of a round (from 1): the organizers' own lines first, then the set in turn."""
    if number <= len(own.lines):
        line = own.lines[number - 1]
        if locale == own.locale:
            return Prompt(line, locale)
        told = own.texts.get(locale, {}).get(line)
        return Prompt(told, locale) if told else Prompt(line, own.locale, is_original=True)
    lines = PROMPTS[chosen]
    return Prompt(str(lines[(number - len(own.lines) - 1) % len(lines)]), locale)
