"""Everything the matcher can say, as codes with parameters that a page may translate.

A reason or a refusal carries a code and named values; the English sentence stands here once,
marked for extraction. Pages call ``describe(message, gettext)``; the command line needs no gettext.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def N_(sentence: str) -> str:  # noqa: N802 - the name that extraction tools know
    """Mark a sentence for translation without translating it here."""
    return sentence


SENTENCES: dict[str, str] = {
    # why a pair scores what it scores; `label` is the program's own name of the factor
    "equal": N_("%(label)s: both %(value)s"),
    "differ": N_("%(label)s: %(mentee)s and %(mentor)s"),
    "shared": N_("%(label)s in common: %(items)s"),
    "gap": N_("%(label)s: steps from one to the other: %(steps)s"),  # of runs before the next three
    "gap_none": N_("%(label)s: on the same step"),
    "gap_one": N_("%(label)s: one step apart"),
    "gap_steps": N_("%(label)s: %(steps)s steps apart"),
    "language": N_("%(label)s: both speak %(items)s"),
    "zone": N_("%(label)s: clocks %(hours)s h apart"),
    "windows": N_("%(label)s: %(hours)s h a week suit both"),
    "has": N_("%(label)s: the mentor says so"),
    "has_not": N_("%(label)s: the mentor does not say so"),
    "distance": N_("%(label)s: %(steps)s steps through their managers"),
    "distance_near": N_("%(label)s: they work close to each other"),
    "distance_none": N_("%(label)s: no manager in common"),
    "related": N_("%(label)s: they already know each other"),
    "stretch": N_("%(label)s: a stretch, they differ here"),
    "unknown": N_("%(label)s: not answered by both"),
    # why not this mentor
    "rule_required": N_("Ruled out: %(label)s is required and does not hold for this pair"),
    "rule_forbidden": N_("Ruled out: %(label)s is not allowed and holds for this pair"),
    "banned": N_("Ruled out by a decision about this pair"),
    "same_person": N_("Nobody is matched with themselves"),
    "no_capacity": N_("This mentor takes nobody this time"),
    "locked_elsewhere": N_("This mentee's pair was fixed by an organizer"),
    "already_paired": N_("They are a pair in this proposal"),
    "contested": N_(
        "Score %(score)s, but the place is contested: giving it to this mentee would cost "
        "others %(price)s in all"
    ),
    "better_elsewhere": N_("Score %(score)s; the proposal gives this mentee %(own)s"),
    "would_displace": N_("Score %(score)s, but someone else would then be left without a mentor"),
    "contested_openly": N_(
        "Score %(score)s, but others need this place more: by what everybody may know, giving it "
        "to this mentee would cost them %(price)s in all"
    ),
    "would_displace_openly": N_(
        "Score %(score)s, but by what everybody may know someone else would then be left without "
        "a mentor"
    ),
    "not_chosen": N_("Score %(score)s; the whole group is served best another way"),
    # why still waiting
    "no_mentors": N_("No mentor has a place this time"),
    "rules_leave_nobody": N_("No mentor satisfies these rules together: %(labels)s"),
    "relax": N_("Without the rule %(label)s, possible mentors: %(count)s"),
    "relax_together": N_("Without these rules together (%(labels)s), possible mentors: %(count)s"),
    "ruled_out_by_decisions": N_("Every possible mentor was ruled out by a decision"),
    "places_taken": N_(
        "Possible mentors: %(count)s, all of whose places go to others; one more place would help"
    ),
    "waiting_discreetly": N_(
        "Possible mentors: %(count)s; the whole group is served best another way"
    ),
    # the same where people are not mentees and mentors
    "rules_leave_no_peer": N_("Nobody satisfies these rules together: %(labels)s"),
    "relax_for_peers": N_("Without the rule %(label)s, possible people: %(count)s"),
    "relax_together_for_peers": N_(
        "Without these rules together (%(labels)s), possible people: %(count)s"
    ),
    "peers_taken": N_("Everybody who fits is together with others; the next round starts here"),
    # refusals: the input cannot be matched
    "no_mentees": N_("There is nobody to match: no mentee."),
    "duplicate_id": N_("The id %(id)s occurs twice among the %(role)s."),
    "both_roles_id": N_("A pair names %(id)s, who is not among the %(role)s."),
    "bad_capacity": N_("The capacity of %(id)s must be a whole number of 0 or more."),
    "no_such_pool": N_("%(id)s shares places in %(pool)s, which has no number of places."),
    "bad_stickiness": N_("Stickiness and budget must be numbers from 0 to 1."),
    "bad_minimum": N_("The minimum per mentor must be a whole number of 0 or more."),
    "bad_priority": N_("Missed rounds of %(id)s must be a whole number from 0 to 9."),
    "bad_value": N_("%(id)s has a value that does not fit the rule %(label)s: %(value)s."),
    "bad_weight": N_("The weight of the rule %(label)s must be a number above 0."),
    "weight_on_hard_rule": N_(
        "The rule %(label)s has a weight, but only preferences do: a rule that must hold is "
        "written as require or forbid."
    ),
    "no_preference": N_("There is no preference to score by: name at least one factor."),
    "bad_comparator": N_("The rule %(label)s compares by %(comparator)s, which does not exist."),
    "bad_kind": N_("The rule %(label)s is of the kind %(kind)s: require, forbid or prefer."),
    "bad_param": N_("The rule %(label)s has a setting that cannot be used: %(param)s."),
    "locked_twice": N_("The mentee %(id)s is fixed to two mentors."),
    "locked_forbidden": N_("The fixed pair %(mentee)s and %(mentor)s breaks the rule %(why)s."),
    "locked_ruled_out": N_("The fixed pair %(mentee)s and %(mentor)s has been ruled out."),
    "locked_apart": N_(
        "The fixed pairs cannot all be kept: %(mentee)s and %(mentor)s would be apart."
    ),
    "locked_over_capacity": N_("More mentees are fixed to %(id)s than there are places."),
    "pools_differ": N_("The programs disagree about how many places %(id)s has over all of them."),
    "objectives_differ": N_("Programs that are matched together need one objective and budget."),
    "locked_over_pool": N_("More pairs are fixed than a mentor's places over all programs."),
    "minimum_impossible": N_(
        "Not every mentor can get the required minimum of mentees under these rules; "
        "short of it: %(ids)s."
    ),
    "minimum_over_capacity": N_("The minimum of mentor %(id)s is above the capacity."),
    "too_large": N_("Too large to match at once: %(mentees)s mentees, %(mentors)s mentors."),
    "bad_objective": N_("The objective %(objective)s does not exist: total or fair."),
    "not_discreet": N_("Private rules and exclusions need a discreet run."),
    "too_many_peers": N_("Too many peers to match at once: %(count)s; at most %(most)s."),
    "private_peers": N_("Peers are matched on public factors only."),
    "not_in_format": N_("The format %(format)s does not use: %(keys)s. Leave it out of the rules."),
    "ranking_unused": N_(
        'The column ranking goes with objective = "stable", where both sides rank each other.'
    ),
    "stable_needs_ranking": N_(
        "A stable matching is of pairs, and needs the columns id and ranking: whom each person "
        "would like, the best first."
    ),
    "not_in_stable": N_("In a stable matching only rankings decide. Leave out: %(keys)s."),
    "one_side_ranks": N_(
        "No %(role)s ranks anybody of the other side. A stable matching needs rankings of both; "
        "without them leave out the objective."
    ),
    "pool_ranks_differ": N_(
        "The mentors who share places in %(pool)s need one and the same ranking."
    ),
    "unknown_ranked": N_("%(id)s ranks %(value)s, who is not in the sheet."),
    "bad_group_size": N_("A group of %(least)s to %(most)s people is not possible."),
    "too_few_options": N_("A deniable answer needs two or more options."),
    "private_reasons": N_(
        "Private preferences moved the solver: public factors alone would have made %(count)s "
        "pairs differently. Scores and reasons shown are the public ones."
    ),
    # advice where mentors are few
    "advise_groups": N_(
        "There are %(places)s places for %(mentees)s mentees. Groups of up to %(size)s with the "
        "%(mentors)s mentors you have would place everybody."
    ),
    "advise_recruit": N_(
        "There are %(places)s places for %(mentees)s mentees. Even in groups of eight, mentors "
        "to recruit: %(mentors)s."
    ),
    "no_group": N_("No group of %(least)s to %(most)s people is possible under these rules."),
    "rematched": N_(
        "Pairs that could not stay: %(broken)s. People with another mentor than before: "
        "%(changed)s. Share of the best total reached: %(share)s percent."
    ),
    # refusals: files
    "no_file": N_("The file %(path)s cannot be read: %(why)s."),
    "not_npz": N_("%(path)s is not a NumPy .npz file with the arrays score and capacity."),
    "missing_array": N_("%(path)s has no array named %(name)s."),
    "bad_score_shape": N_("score must be a table of mentees by mentors; its shape is %(shape)s."),
    "bad_score_type": N_("score must hold real numbers, not %(type)s."),
    "score_not_a_number": N_("score has entries that are not numbers (NaN): %(count)s."),
    "score_out_of_range": N_(
        "score must be at most 1 (negative means forbidden); it reaches %(value)s."
    ),
    "bad_capacity_array": N_("capacity must be whole numbers of 0 or more, one per mentor."),
    "bad_length": N_("%(name)s must have one entry per mentor: %(expected)s, not %(found)s."),
    "bad_minimum_array": N_("minimum must be whole numbers of 0 or more, one per mentor."),
    "bad_locked_array": N_("locked must be pairs of a mentee's and a mentor's index."),
    # refusals and notes: sheets
    "file_too_large": N_("%(path)s is too large for a sign-up sheet."),
    "empty_sheet": N_("%(path)s is empty."),
    "no_rows": N_("%(path)s has headers but no rows."),
    "old_workbook": N_(
        "%(path)s is an old or password-protected Excel file: save it as .xlsx without a "
        "password, or as CSV."
    ),
    "bad_workbook": N_("%(path)s is not a readable .xlsx workbook."),
    "not_a_sheet": N_("%(path)s is neither a CSV file nor an .xlsx workbook."),
    "bad_encoding": N_("%(path)s is not valid %(encoding)s text."),
    "read_as_cp1252": N_(
        "%(path)s is not UTF-8; it was read as Windows-1252. Check names with accents."
    ),
    "open_quote": N_(
        "A quotation mark opens in line %(line)s of %(path)s and is not closed where its cell "
        "ends. Close it there, or remove it."
    ),
    "header_too_long": N_("The header line of %(path)s is longer than %(most)s characters."),
    "too_many_rows": N_("%(path)s has more than %(most)s rows."),
    "row_too_wide": N_("Line %(line)s of %(path)s has more cells than the %(width)s headers."),
    "cell_too_long": N_("Line %(line)s of %(path)s has a cell too long to be an answer."),
    "missing_column": N_("No column fits %(wanted)s. Columns found: %(found)s."),
    "ambiguous_column": N_("Several columns fit %(wanted)s: %(found)s."),
    "no_such_place": N_("There is no column %(place)s: the sheet has %(count)s."),
    "row_without_id": N_("Line %(line)s has no id."),
    "duplicate_row_id": N_(
        "The id %(id)s occurs twice in the sheet, in line %(first)s and line %(second)s."
    ),
    "unknown_role": N_("Line %(line)s names a role that is neither mentor nor mentee: %(value)s."),
    "one_sided": N_("Nobody signed up as %(role)s. Roles found: %(found)s."),
    "bad_capacity_cell": N_("The capacity of %(id)s is not a whole number: %(value)s."),
    "bad_windows": N_(
        "%(id)s has free hours that cannot be read: %(value)s. Write days and hours, such as "
        "Mon 9-12; Tue-Thu 14:00-16:30; Fri morning."
    ),
    "bad_missed_cell": N_("The missed rounds of %(id)s are not a whole number: %(value)s."),
    "cannot_guess_role": N_(
        "No column says who is a mentor and who a mentee; give --rules. Columns found: %(found)s."
    ),
    "cannot_guess_factors": N_(
        "No column to match on could be guessed; give --rules. Columns found: %(found)s."
    ),
    # refusals: rules
    "bad_toml": N_("%(path)s is not valid TOML: %(why)s."),
    "unknown_key": N_("%(key)s in %(where)s is not a known setting. Known: %(known)s."),
    "bad_setting": N_("The setting %(key)s cannot be %(value)s."),
    "bad_pair": N_(
        "Each pair under %(key)s is a mentee's id and a mentor's id in brackets, not %(value)s."
    ),
    "pair_unknown": N_("A pair under %(key)s names %(id)s, who is not in the sheet."),
    "pair_wrong_role": N_(
        "A pair under %(key)s names %(id)s, who is in the sheet, but not as a %(role)s: the mentee "
        "stands first, the mentor second."
    ),
    "no_role_column": N_("The rules name no role column under columns."),
    "rule_without_column": N_("%(where)s names no column."),
}


def _identity(sentence: str) -> str:
    return sentence


@dataclass(frozen=True)
class Message:
    """A code of SENTENCES with its values."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


class MatchingError(ValueError):
    """The input cannot be matched; ``message`` says why in the user's words."""

    def __init__(self, code: str, **params: object) -> None:
        self.message = Message(code, params)
        super().__init__(describe(self.message))


def describe(message: Message, gettext: Callable[[str], str] = _identity) -> str:
    """The sentence of a message in the reader's language."""
    return gettext(SENTENCES[message.code]) % message.params
