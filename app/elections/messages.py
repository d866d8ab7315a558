"""What elections write to people: that there is something, never where or about whom."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.locale import datetime_text
from app.core.outbox import Delivery, Message, Recipient
from app.elections import queries
from app.elections.models import Candidate, Election
from app.elections.rules import CandidateState, ElectionState
from app.ergs import queries as ergs


class About:
    """The base: about one election, wanted in one state by those who still belong."""

    name = ""
    topic = "groups"
    channels: tuple[str, ...] = ("mail", "in_app")
    is_urgent = False
    state = ElectionState.NOMINATING

    def election(self, db: Session, delivery: Delivery) -> Election | None:
        """The election that it is about."""
        return db.get(Election, delivery.subject_id)

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while the election is where it was, and the reader belongs to the group."""
        election = self.election(db, delivery)
        if election is None or election.state is not self.state:
            return "changed since"
        if not ergs.belongs(db, delivery.person_id, [election.erg_id]):
            return "not a member"
        return self.reason_against(db, delivery, election)

    def reason_against(self, db: Session, delivery: Delivery, election: Election) -> str | None:
        """A further reason not to send."""
        return None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """A neutral subject, the words of the subclass, a link that names no group."""
        election = self.election(db, delivery)
        if election is None:
            return None
        subject, lines, link_text = self.words(election)
        link = f"/ergs/elections/{election.id}/"
        return Message(subject=subject, lines=lines, link=link, link_text=link_text)

    def words(self, election: Election) -> tuple[str, tuple[str, ...], str]:
        """(neutral subject, lines, text of the link)."""
        raise NotImplementedError


class NominationsOpen(About):
    """To all who may vote: propose somebody, or yourself."""

    name = "election_nominating"

    def words(self, election: Election) -> tuple[str, tuple[str, ...], str]:
        """Until when."""
        return (
            _("You can make a proposal"),
            (
                _("Nominations are open in an election in which you may take part."),
                _("You can propose others or yourself before voting begins."),
                _("Voting begins: %(time)s", time=datetime_text(election.voting_at)),
            ),
            _("See the election"),
        )


class VotingOpen(About):
    """To all on the roll: the vote is open."""

    name = "election_voting"
    state = ElectionState.VOTING

    def reason_against(self, db: Session, delivery: Delivery, election: Election) -> str | None:
        """Whoever has voted needs no call to vote."""
        return "voted" if queries.has_voted(db, election.id, delivery.person_id) else None

    def words(self, election: Election) -> tuple[str, tuple[str, ...], str]:
        """Secret, final, until when."""
        return (
            _("Your vote is wanted"),
            (
                _("Voting is open in an election in which you may vote."),
                _("Your vote is secret: nobody can find out how you voted."),
                _("Voting ends: %(time)s", time=datetime_text(election.closes_at)),
            ),
            _("Vote now"),
        )


class VotingReminder(VotingOpen):
    """Once, to those on the roll who have not voted."""

    name = "election_reminder"

    def words(self, election: Election) -> tuple[str, tuple[str, ...], str]:
        """The only reminder."""
        return (
            _("You can still vote"),
            (
                _("An election in which you may vote ends soon, and your vote is not in yet."),
                _("Voting ends: %(time)s", time=datetime_text(election.closes_at)),
                _("This is the only reminder."),
            ),
            _("Vote now"),
        )


class ResultCertified(About):
    """To all on the roll: there is a certified result."""

    name = "election_result"
    state = ElectionState.CERTIFIED

    def words(self, election: Election) -> tuple[str, tuple[str, ...], str]:
        """The result itself stands behind sign-in."""
        return (
            _("There is a result"),
            (_("An election in which you could vote has a certified result."),),
            _("See the result"),
        )


class Nominated(About):
    """To somebody who was proposed: will you stand?"""

    name = "election_nominated"

    def election(self, db: Session, delivery: Delivery) -> Election | None:
        """The subject is the candidacy."""
        row = db.get(Candidate, delivery.subject_id)
        return row.election if row else None

    def reason_against(self, db: Session, delivery: Delivery, election: Election) -> str | None:
        """Only while there is no answer."""
        row = db.get(Candidate, delivery.subject_id)
        is_open = row is not None and row.state is CandidateState.PROPOSED
        return None if is_open else "answered"

    def words(self, election: Election) -> tuple[str, tuple[str, ...], str]:
        """Nobody learns of it unless the person accepts."""
        return (
            _("Somebody thinks of you"),
            (
                _("Somebody proposes you as a candidate in an election."),
                _("Nobody sees this unless you accept. If you decline, nobody is told."),
                _("Please answer before: %(time)s", time=datetime_text(election.voting_at)),
            ),
            _("Answer"),
        )


for kind in (NominationsOpen(), VotingOpen(), VotingReminder(), ResultCertified(), Nominated()):
    outbox.kinds.add(kind.name, kind)
