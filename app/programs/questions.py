"""What enrollment forms ask, with the answers to choose from; sentences in English, marked for
translation and shown in the reader's language."""

from __future__ import annotations

from app.programs.rules import Field, Purpose, Role


def N_(sentence: str) -> str:  # noqa: N802 - the name that extraction tools know
    """Mark a sentence for translation without translating it here."""
    return sentence


SKILLS = (
    ("leading_people", N_("Leading people")),
    ("strategy", N_("Strategy")),
    ("negotiation", N_("Negotiation")),
    ("public_speaking", N_("Public speaking")),
    ("writing", N_("Writing")),
    ("coaching", N_("Coaching others")),
    ("delegating", N_("Delegating")),
    ("stakeholders", N_("Working with stakeholders")),
    ("project_planning", N_("Planning projects")),
    ("product_thinking", N_("Product thinking")),
    ("data_analysis", N_("Data analysis")),
    ("engineering", N_("Engineering craft")),
    ("finance", N_("Finance and budgets")),
    ("sales", N_("Sales and customers")),
    ("across_cultures", N_("Working across cultures")),
    ("visibility", N_("Making work visible")),
)
GOALS = (
    ("next_level", N_("Reach the next level")),
    ("first_team", N_("Lead a team for the first time")),
    ("change_field", N_("Move to another field")),
    ("network", N_("Build a network in the company")),
    ("sponsor", N_("Find a sponsor")),
    ("confidence", N_("Speak up with confidence")),
    ("balance", N_("Balance work and life")),
    ("settle_in", N_("Settle in well")),
)
PATHS = (
    ("expert", N_("Expert in a field")),
    ("people_lead", N_("Leader of people")),
    ("product_owner", N_("Owner of a product")),
    ("executive", N_("Executive")),
    ("open", N_("Still open")),
)
VALUES = (
    ("learning", N_("Learning")),
    ("fairness", N_("Fairness")),
    ("independence", N_("Independence")),
    ("impact", N_("Impact")),
    ("stability", N_("Stability")),
    ("creativity", N_("Creativity")),
    ("care", N_("Care for others")),
    ("excellence", N_("Excellence")),
)
STYLES = (
    ("direct", N_("Straight to the point")),
    ("exploring", N_("Thinking aloud together")),
    ("structured", N_("Prepared and structured")),
)
INTERESTS = (
    ("sports", N_("Sports")),
    ("music", N_("Music")),
    ("reading", N_("Books")),
    ("cooking", N_("Cooking")),
    ("family", N_("Family")),
    ("nature", N_("Nature")),
    ("volunteering", N_("Volunteering")),
    ("games", N_("Games")),
)
MODES = (
    ("online", N_("Online")),
    ("in_person", N_("In person")),
    ("either", N_("Either is fine")),
)
CADENCES = (
    ("weekly", N_("Every week")),
    ("biweekly", N_("Every two weeks")),
    ("monthly", N_("Every month")),
)
BACKGROUND = (
    ("experienced", N_("I have been a mentor before")),
    ("trained", N_("I have taken a training for mentors")),
    ("culture_trained", N_("I have taken a training on working across cultures")),
)
TEMPERS = (
    ("reflecting", N_("I think first, then speak")),
    ("talking", N_("I find my thoughts while speaking")),
    ("planning", N_("I like to have a plan")),
    ("open_ended", N_("I like to see what comes")),
    ("steady", N_("I keep calm when things go wrong")),
    ("curious", N_("I look for what is new")),
)
MENTEE, MENTOR = (Role.MENTEE,), (Role.MENTOR,)
YES_NO = (("yes", N_("Yes")), ("no", N_("No")))

# What people may say of who they are, for the matching alone; `demographics` knows the same keys.
IDENTITY = {
    field.key: field
    for field in (
        Field(
            "gender",
            N_("Gender"),
            "identity",
            Purpose.MATCHING_ONLY,
            options=(("woman", N_("Woman")), ("man", N_("Man")), ("nonbinary", N_("Non-binary"))),
        ),
        Field(
            "orientation",
            N_("Being LGBTQ+"),
            "identity",
            Purpose.MATCHING_ONLY,
            options=(("lgbtq", N_("LGBTQ+")), ("straight", N_("Not LGBTQ+"))),
        ),
        Field(
            "disability",
            N_("Living with a disability"),
            "identity",
            Purpose.MATCHING_ONLY,
            options=YES_NO,
        ),
        Field(
            "veteran",
            N_("Having served in the armed forces"),
            "identity",
            Purpose.MATCHING_ONLY,
            options=YES_NO,
        ),
    )
}

QUESTIONS = {
    field.key: field
    for field in (
        Field(
            "skills_wanted",
            N_("Which skills do you want to grow?"),
            "choices",
            Purpose.VISIBLE,
            MENTEE,
            SKILLS,
            N_("Choose up to five."),
            required=True,
        ),
        Field(
            "skills_offered",
            N_("Which skills can you help with?"),
            "choices",
            Purpose.VISIBLE,
            MENTOR,
            SKILLS,
            N_("Choose what you would gladly talk about."),
            required=True,
        ),
        Field(
            "goals_wanted",
            N_("What do you want to reach?"),
            "choices",
            Purpose.VISIBLE,
            MENTEE,
            GOALS,
            N_("One or two are enough."),
            required=True,
        ),
        Field(
            "goals_offered",
            N_("What have you reached, or helped others to reach?"),
            "choices",
            Purpose.VISIBLE,
            MENTOR,
            GOALS,
            required=True,
        ),
        Field(
            "path_wanted",
            N_("Where should your career lead?"),
            "choice",
            Purpose.VISIBLE,
            MENTEE,
            PATHS,
        ),
        Field(
            "path_offered",
            N_("Which path have you taken?"),
            "choice",
            Purpose.VISIBLE,
            MENTOR,
            PATHS,
        ),
        Field(
            "values",
            N_("What matters most to you at work?"),
            "choices",
            Purpose.VISIBLE,
            options=VALUES,
            hint=N_("Choose up to three."),
        ),
        Field("style", N_("How do you like to talk?"), "choice", Purpose.VISIBLE, options=STYLES),
        Field(
            "interests",
            N_("What do you enjoy outside of work?"),
            "choices",
            Purpose.VISIBLE,
            options=INTERESTS,
        ),
        Field(
            "cadence",
            N_("How often do you want to meet?"),
            "choice",
            Purpose.VISIBLE,
            options=CADENCES,
        ),
        Field("mode", N_("How do you want to meet?"), "choice", Purpose.VISIBLE, options=MODES),
        Field(
            "background",
            N_("What do you bring as a mentor?"),
            "choices",
            Purpose.VISIBLE,
            MENTOR,
            BACKGROUND,
            N_("Choose what is true of you. Nobody needs any of it to be a good mentor."),
        ),
        Field(
            "personality",
            N_("What is most like you?"),
            "choices",
            Purpose.MATCHING_ONLY,
            options=TEMPERS,
            hint=N_("Choose up to three."),
        ),
        Field(
            "groups",
            N_("May groups that you are openly a member of count a little?"),
            "choice",
            Purpose.MATCHING_ONLY,
            options=YES_NO,
            hint=N_(
                "Only groups in which every colleague can read your name count, and only with "
                "people who say yes here too."
            ),
        ),
        Field(
            "about",
            N_("What should your match know about you?"),
            "text",
            Purpose.VISIBLE,
            hint=N_("A few sentences."),
        ),
    )
}
