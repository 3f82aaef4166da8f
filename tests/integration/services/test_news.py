"""Who is told what when a task is worked on, and how it is marked as seen."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, News
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.news import CONCERNS, TOLD_BY, NewsKind
from spbe_tasks.rules.workflow import Action, Obstacle, State
from spbe_tasks.services import comments, news, tasks
from spbe_tasks.services.comments import CommentWords
from spbe_tasks.services.queries import news as queries
from spbe_tasks.services.queries import people
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

REASON = "Dokumen belum ditandatangani."
TOMORROW = NOW.date() + timedelta(days=1)


class Office:
    """An agency with two focal points and their task, and those who coordinate and review."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.government = factories.government(session)
        self.agency = agency = factories.agency(session, self.government)
        neighbour = factories.agency(session, self.government)
        self.plan = factories.plan(session, self.government)
        self.people = {
            "dewi": factories.account(session, self.government, Role.FOCAL_POINT, agency),
            "agus": factories.account(session, self.government, Role.FOCAL_POINT, agency),
            "head": factories.account(session, self.government, Role.AGENCY_HEAD, agency),
            "next door": factories.account(session, self.government, Role.FOCAL_POINT, neighbour),
            "siti": factories.account(session, self.government, Role.COORDINATOR),
            "rudi": factories.account(session, self.government, Role.REVIEWER),
            "gone": factories.account(session, self.government, Role.REVIEWER, is_active=False),
            "abroad": factories.account(session, factories.government(session), Role.REVIEWER),
        }
        self.task = factories.task(session, self.plan, agency, state=State.IN_PROGRESS)

    def act(self, work: Work, who: str, action: Action, **given: object) -> None:
        scope = factories.scope(self.people[who])
        tasks.act(work, scope, self.task.id, action, given, version=None, now=NOW)
        work.session.flush()

    def told(self) -> Mapping[str, list[NewsKind]]:
        """The kinds of news each person has had, in order; those without any are left out."""
        rows = self.session.execute(select(News.account_id, News.kind).order_by(News.id)).all()
        found = {
            name: [kind for owner, kind in rows if owner == each.id] for name, each in self.people.items()
        }
        return {name: kinds for name, kinds in found.items() if kinds}


@pytest.fixture
def office(session: Session) -> Office:
    return Office(session)


def test_what_is_handed_in_is_told_to_whoever_reviews_and_is_never_mailed(work: Work, office: Office) -> None:
    office.act(work, "dewi", Action.SUBMIT, note="Sudah lengkap.")
    assert office.told() == {"siti": [NewsKind.SUBMITTED], "rudi": [NewsKind.SUBMITTED]}
    assert set(work.session.scalars(select(News.told_at))) == {NOW}


def test_a_return_is_told_to_who_submitted_and_to_the_agencys_people_while_nobody_is_in_charge(
    work: Work, office: Office
) -> None:
    office.act(work, "dewi", Action.SUBMIT, note="Sudah lengkap.")
    office.act(work, "rudi", Action.RETURN, reason=REASON)
    told = office.told()
    assert (told["dewi"], told["agus"]) == ([NewsKind.RETURNED], [NewsKind.RETURNED])
    assert "head" not in told
    assert "next door" not in told
    returned = work.session.scalars(select(News).where(News.kind == NewsKind.RETURNED)).all()
    assert {(each.words, each.actor_id, each.told_at) for each in returned} == {
        (REASON, office.people["rudi"].id, None)
    }


def test_with_somebody_in_charge_only_they_and_the_submitter_hear_of_a_verdict(
    work: Work, office: Office
) -> None:
    office.act(work, "siti", Action.ASSIGN, assignee_id=office.people["agus"].id)
    office.act(work, "dewi", Action.SUBMIT, note="Sudah lengkap.")
    office.act(work, "rudi", Action.ACCEPT, reached_level=Decimal(3))
    told = office.told()
    assert told["agus"] == [NewsKind.ASSIGNED, NewsKind.ACCEPTED]
    assert told["dewi"] == [NewsKind.ACCEPTED]


def test_nobody_is_told_what_they_did_themselves(work: Work, office: Office) -> None:
    office.act(work, "dewi", Action.ASSIGN, assignee_id=office.people["dewi"].id)
    assert office.told() == {}


def test_whoever_stands_in_hears_of_tasks_what_the_absent_person_hears_and_of_files_nothing(
    work: Work, office: Office
) -> None:
    session, dewi, neighbour = office.session, office.people["dewi"], office.people["next door"]
    factories.acting_officer(session, dewi, neighbour, from_on=NOW.date(), until_on=NOW.date())
    factories.acting_officer(session, neighbour, office.people["gone"], from_on=NOW.date())
    factories.acting_officer(session, office.people["agus"], office.people["head"], from_on=TOMORROW)
    office.task.assignee_id = dewi.id
    office.act(work, "agus", Action.SUBMIT, note="Sudah lengkap.")
    office.act(work, "rudi", Action.RETURN, reason=REASON)
    told = office.told()
    assert (told["dewi"], told["next door"]) == ([NewsKind.RETURNED], [NewsKind.RETURNED])
    assert told.keys().isdisjoint({"head", "gone"})
    said = CommentWords("Sudah kami perbaiki.", mentioned_ids=(dewi.id, office.people["siti"].id))
    comments.write(work, factories.scope(office.people["agus"]), office.task.id, said, now=NOW)
    assert office.told()["next door"] == [NewsKind.RETURNED, NewsKind.MENTIONED]
    news.tell(
        work, NewsKind.FILE_READY, [dewi.id], government_id=office.government.id, actor_id=None, now=NOW
    )
    assert NewsKind.FILE_READY not in office.told()["next door"]


def test_what_an_acting_officer_does_is_no_news_to_themselves(work: Work, office: Office) -> None:
    factories.acting_officer(office.session, office.people["dewi"], office.people["agus"], from_on=NOW.date())
    office.act(work, "agus", Action.ASSIGN, assignee_id=office.people["dewi"].id)
    assert office.told() == {"dewi": [NewsKind.ASSIGNED]}


def test_a_submitter_who_left_the_agency_is_not_told(work: Work, office: Office) -> None:
    office.act(work, "dewi", Action.SUBMIT, note="Sudah lengkap.")
    office.people["dewi"].agency_id = office.people["next door"].agency_id
    office.act(work, "rudi", Action.RETURN, reason=REASON)
    assert "dewi" not in office.told()


@pytest.mark.parametrize(
    ("who", "action", "given"),
    [
        ("rudi", Action.RETURN, {"reason": REASON}),
        ("rudi", Action.ACCEPT, {"reached_level": Decimal(3)}),
        ("dewi", Action.RECALL, {}),
    ],
)
def test_what_waited_for_a_reviewer_is_out_of_date_for_all_once_it_is_decided_or_taken_back(
    work: Work, office: Office, who: str, action: Action, given: dict[str, object]
) -> None:
    office.act(work, "dewi", Action.SUBMIT, note="Sudah lengkap.")
    waiting = factories.task(work.session, office.plan, office.agency, 34, state=State.IN_PROGRESS)
    scope = factories.scope(office.people["dewi"])
    tasks.act(work, scope, waiting.id, Action.SUBMIT, {"note": "Lengkap."}, version=None, now=NOW)
    assert _unseen(work.session, office.people["siti"]) == [office.task.id, waiting.id]
    office.act(work, who, action, **given)
    assert _unseen(work.session, office.people["siti"]) == [waiting.id]


def test_other_actions_are_no_news(work: Work, office: Office) -> None:
    office.act(work, "dewi", Action.BLOCK, reason="Anggaran.", obstacle=Obstacle.NO_BUDGET)
    office.act(work, "dewi", Action.UNBLOCK)
    assert office.told() == {}


def test_every_action_that_is_news_says_whom_it_concerns() -> None:
    assert set(TOLD_BY.values()) <= set(CONCERNS)


def test_long_words_are_cut_to_a_line(work: Work, office: Office) -> None:
    office.act(work, "dewi", Action.SUBMIT, note="a\nb " + "x" * 500)
    (words,) = set(work.session.scalars(select(News.words)))
    assert words.startswith("a b xxx")
    assert len(words) == news.LONGEST_WORDS
    assert words.endswith("…")


def _unseen(session: Session, person: Account) -> list[int]:
    found = people.find_visitor(session, person.id, person.session_version)
    assert found is not None
    assert found.Account is person
    return sorted(found.unseen_news)


def test_news_are_seen_by_the_task_or_all_at_once_and_only_ones_own(work: Work, office: Office) -> None:
    siti, rudi = office.people["siti"], office.people["rudi"]
    other = factories.task(work.session, office.plan, office.agency, 34)
    for person in (siti, rudi):
        for task_id in (office.task.id, other.id, None):
            news.tell(
                work,
                NewsKind.FILE_READY,
                [person.id],
                government_id=office.government.id,
                actor_id=None,
                now=NOW,
                task_id=task_id,
            )
    assert _unseen(work.session, siti) == sorted([0, office.task.id, other.id])
    seen_at = NOW + timedelta(hours=1)
    assert news.mark_seen(work, factories.scope(siti), now=seen_at, task_id=other.id) == 1
    assert _unseen(work.session, siti) == [0, office.task.id]
    assert news.mark_seen(work, factories.scope(siti), now=seen_at) == 2
    assert _unseen(work.session, siti) == []
    assert len(_unseen(work.session, rudi)) == 3


def test_the_list_has_what_is_not_seen_first_and_then_the_newest(work: Work, office: Office) -> None:
    siti = factories.scope(office.people["siti"])
    for number in range(3):
        news.tell(
            work,
            NewsKind.COMMENTED,
            [office.people["siti"].id],
            government_id=office.government.id,
            actor_id=office.people["rudi"].id,
            now=NOW,
            task_id=office.task.id,
            words=str(number),
        )
        if number == 1:
            news.mark_seen(work, siti, now=NOW)
    rows = queries.list_news(work.session, siti, page=1)
    assert [row.News.words for row in rows] == ["2", "1", "0"]
    assert {row.actor_name for row in rows} == {office.people["rudi"].name}
    assert queries.count_news(work.session, siti) == 3


def test_the_bell_counts_no_further_than_a_hundred(work: Work, office: Office) -> None:
    siti = office.people["siti"]
    for _ in range(queries.MOST_COUNTED + 5):
        news.tell(
            work, NewsKind.FILE_READY, [siti.id], government_id=office.government.id, actor_id=None, now=NOW
        )
    assert len(_unseen(work.session, siti)) == queries.MOST_COUNTED
