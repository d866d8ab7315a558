"""Guards whose policy alone could be "signed in" and nobody would notice, by the reason why.

In each of them the finder alone keeps the same people out, which the matrix notices if it did not.
An entry is `policy <- finder`, as the route table names them. Whoever adds one has read both: when
the policy asks for something that the finder does not, a scene is missing in `access_world.py`.
"""

from __future__ import annotations

# The policy asks again what the finder asked; that it alone keeps out as many is tried, too.
ASKS_AGAIN = (
    "accounts.policies.may_manage_people <- accounts.queries.imports.import_for",
    "attendance.policies.may_answer_need <- attendance.queries.needs.need_for",
    "attendance.policies.may_change_material <- attendance.queries.materials.material_for",
    "concerns.policies.may_appoint <- concerns.queries.role_for",
    "concerns.policies.may_handle <- concerns.queries.desk_concern",
    "concerns.policies.may_see_own <- concerns.queries.own_concern",
    "events.policies.may_answer_for <- events.queries.hosting.asked_host_for",
    "mentoring.group_policies.may_reshape <- mentoring.queries.reshaping.reshaping_for",
    "mentoring.group_policies.may_stand_in_line <- mentoring.queries.lines.line_for",
    "mentoring.group_policies.may_stand_in_line <- mentoring.queries.lines.wait_for",
    "mentoring.policies.may_change_action <- mentoring.queries.sponsorship.action_for",
    "mentoring.policies.may_decide_aside <- mentoring.queries.notes.aside_for",
    "mentoring.policies.may_handle_flag <- mentoring.queries.risks.flag_for",
    "mentoring.policies.may_keep_own <- mentoring.queries.relationships.kept_for",
    "mentoring.policies.may_look_after <- mentoring.queries.lifecycle.managed_pair",
    "mentoring.policies.may_open_session <- mentoring.queries.scheduling.meeting_in_full",
    "mentoring.policies.may_open_session <- mentoring.queries.sessions.session_for",
    "mentoring.policies.may_open_workspace <- mentoring.queries.circles.group_for",
    "mentoring.policies.may_open_workspace <- mentoring.queries.lifecycle.handover_for",
    "mentoring.policies.may_open_workspace <- mentoring.queries.relationships.relationship_for",
    "mentoring.policies.may_see_rematch <- mentoring.queries.lifecycle.rematch_for",
    "mentoring.policies.may_see_status <- mentoring.queries.desk.managed_cohort",
    "mentoring.policies.may_see_status <- mentoring.queries.reshaping.circles_cohort",
    "mentoring.policies.may_see_survey <- mentoring.queries.surveys.survey_for",
    "mentoring.policies.may_write_notes <- mentoring.queries.relationships.kept_for",
    "notifications.policies.may_read <- notifications.queries.notification_for",
    "programs.outside.policies.may_keep_partners <- programs.queries.outside.partner_for",
    "programs.outside.policies.may_lend <- programs.queries.outside.lendable",
    "programs.outside.policies.may_take_back <- programs.queries.outside.seat_for",
    "programs.policies.may_ask_mentor <- programs.queries.requests.asking_for",
    "programs.policies.may_choose <- programs.queries.choosing.shortlist_for",
    "programs.policies.may_manage <- programs.queries.programs.cohort_for",
    "programs.policies.may_manage <- programs.queries.programs.managed_program",
    "programs.policies.may_manage <- programs.queries.programs.sheet_for",
    "programs.policies.may_manage <- programs.queries.runs.run_for",
    "programs.policies.may_manage <- programs.views.rules._rule_of",
    "programs.policies.may_manage <- programs.views.runs.<lambda>",
    "programs.policies.may_manage <- programs.views.weights._cohort_of",
    "programs.policies.may_manage_jointly <- programs.queries.joint.joint_for",
    "programs.views.runs.may_ask <- programs.views.runs._candidate",
    "speed.policies.may_sit <- speed.queries.own.seat_for",
    "threads.policies.may_appeal <- threads.queries.appeals.removed_for",
    "threads.policies.may_open <- threads.queries.threads.talk_for",
    "threads.policies.may_reply <- threads.queries.threads.talk_for",
    "threads.policies.may_see_post <- threads.queries.posts.said_for",
)
# The policy lets in every colleague: who else may not is for the finder alone to say, and it does.
LETS_COLLEAGUES_IN = (
    "accounts.policies.may_see_person <- accounts.queries.directory.person_for",
    "attendance.policies.may_give_feedback <- attendance.queries.feedback.asked_for",
    "ergs.policies.may_answer <- ergs.queries.invitations.own_invitation",
    "ergs.policies.may_answer <- ergs.queries.polls.own_poll",
    "ergs.policies.may_answer <- ergs.queries.relay.thread_for",
    "ergs.policies.may_answer <- ergs.queries.terms.own_role",
    "ergs.policies.may_answer <- ergs.queries.terms.removal_for",
    "events.policies.may_see <- events.queries.answers.entry_for",
    "events.policies.may_see <- events.queries.hosting.shown_for",
    "events.policies.may_see <- events.queries.series.series_for",
    "events.policies.may_see <- events.queries.visible.occurrence_for",
    "mentoring.policies.may_see_desk <- mentoring.queries.risks.batch_for",
    "mentoring.policies.may_see_desk <- mentoring.queries.risks.desk_of",
    "mentoring.policies.may_see_goal <- mentoring.queries.work.goal_for",
    "programs.policies.may_enroll <- programs.queries.programs.program_for",
    "programs.policies.may_see_program <- programs.queries.programs.program_for",
    "programs.views.identity.may_take_back <- programs.views.identity._own",
    "speed.policies.may_see <- speed.queries.dates.date_for",
    "threads.policies.wrote_there <- threads.queries.posts.own_for",
)
# The policy asks one of the questions of the finder, which asks more: for whom a post is written,
# whether the writer of a note is still in the pair, who stands above whom in the line.
ASKS_LESS = (
    "mentoring.policies.may_read_note <- mentoring.queries.notes.any_note_for",
    "mentoring.policies.may_read_note <- mentoring.queries.notes.note_for",
    "mentoring.policies.may_read_version <- mentoring.queries.notes.version_for",
    "posts.policies.may_open <- posts.queries.entry_for",
    "threads.policies.may_decide <- threads.queries.cases.case_for",
    "threads.policies.may_decide <- threads.queries.cases.case_of_report",
    "threads.policies.may_decide_appeal <- threads.queries.appeals.appeal_by_id",
    "threads.policies.may_decide_appeal <- threads.queries.appeals.appeal_for",
)
# Whose it is the finder asks; that it is still open, which the policy adds, hides the button, and
# the service asks it again inside its transaction.
ASKS_FOR_STATE = (
    "elections.policies.may_stand <- elections.queries.candidacy_for",
    "mentoring.policies.may_answer_survey <- mentoring.queries.surveys.survey_for",
    "programs.outside.policies.may_fill_in <- programs.queries.outside.invited_enrollment",
)
ALL = (*ASKS_AGAIN, *LETS_COLLEAGUES_IN, *ASKS_LESS, *ASKS_FOR_STATE)
