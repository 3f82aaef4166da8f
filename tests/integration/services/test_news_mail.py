"""News at once, in the digest, or never: told in exactly one mail, whatever becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Account, Government, Message, MessageKind, News, NewsKind, Plan, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.delivery import HandOver
from spbe_tasks.rules.preferences import NewsWish, Preference
from spbe_tasks.services import dispatch, mail_preferences, news, news_mail, outbox
from spbe_tasks.services.digests import Digest
from spbe_tasks.services.letters import Letter, Mail
from spbe_tasks.services.queries import sending as queries
from spbe_tasks.services.send_round import Round
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

EVENING = NOW + timedelta(hours=7)


@dataclass
class Bell:
    """A focal point with a task, a reviewer who does things to it, and what is mailed of that."""

    session: Session
    government: Government
    person: Account
    reviewer: Account
    plan: Plan
    task: Task
    letters: list[Letter] = field(default_factory=list)

    def tell(self, kind: NewsKind, words: str = "", now: datetime = NOW) -> None:
        news.tell(
            Work(self.session),
            kind,
            [self.person.id],
            government_id=self.government.id,
            actor_id=self.reviewer.id,
            now=now,
            task_id=self.task.id,
            words=words,
        )

    def wish(self, kind: NewsKind, wish: NewsWish) -> None:
        preference = Preference(news={kind: wish})
        mail_preferences.store(Work(self.session), self.person.id, preference, now=NOW)

    def ask(self, now: datetime = NOW) -> int:
        self.session.flush()
        return news_mail.ask_for_all(Work(self.session), now=now)

    def send(self, outcome: HandOver = HandOver.ACCEPTED, now: datetime = NOW) -> Sequence[Letter]:
        """Send what is due; the letters that left."""
        self.session.flush()
        before, known = len(self.letters), Round()
        for message_id in queries.list_due(self.session, now, 9):
            waiting = queries.lock_due(self.session, message_id, now)
            assert waiting
            parcel = dispatch.claim(Work(self.session), waiting, self._render, known=known, now=now)
            self.session.flush()
            if parcel:
                outbox.settle(Work(self.session), parcel.message_id, outcome, "", now=now)
                self.session.flush()
        self.session.expire_all()
        return self.letters[before:]

    def told(self) -> list[tuple[bool, bool]]:
        """Of each piece of news: whether it stands in a mail, and whether it was told."""
        rows = self.session.scalars(select(News).order_by(News.id)).all()
        return [(each.message_id is not None, each.told_at is not None) for each in rows]

    def _render(self, letter: Letter) -> Mail:
        self.letters.append(letter)
        return Mail("Kabar", b"isi", "isi", "<p>isi</p>")


@pytest.fixture
def bell(session: Session) -> Bell:
    government = factories.government(session)
    agency = factories.agency(session, government)
    person = factories.account(session, government, Role.FOCAL_POINT, agency)
    reviewer = factories.account(session, government, Role.REVIEWER)
    plan = factories.plan(session, government)
    task = factories.task(session, plan, agency, due_on=NOW.date() + timedelta(days=90))
    return Bell(session, government, person, reviewer, plan, task)


def test_all_news_of_the_moment_stands_in_one_mail_to_a_person(bell: Bell) -> None:
    bell.tell(NewsKind.RETURNED, "Tanda tangan belum ada.")
    assert bell.ask() == 1
    bell.tell(NewsKind.MENTIONED)
    assert bell.ask() == 0
    [letter] = bell.send()
    assert letter.kind is MessageKind.NEWS
    assert [line.kind for line in letter.body] == [NewsKind.RETURNED, NewsKind.MENTIONED]  # type: ignore[union-attr]
    assert bell.told() == [(True, True)] * 2
    assert (bell.ask(), bell.send()) == (0, [])


def test_news_waits_for_the_send_window(bell: Bell) -> None:
    bell.tell(NewsKind.RETURNED, now=EVENING)
    bell.ask(EVENING)
    assert bell.send(now=EVENING) == []
    assert bell.told() == [(False, False)]
    assert len(bell.send(now=EVENING + timedelta(hours=16))) == 1


def test_news_put_off_by_the_server_is_told_by_the_next_attempt_together_with_what_came_since(
    bell: Bell,
) -> None:
    bell.tell(NewsKind.RETURNED)
    bell.ask()
    bell.send(HandOver.LATER)
    assert bell.told() == [(False, False)]
    bell.tell(NewsKind.MENTIONED)
    assert bell.ask() == 0
    [letter] = bell.send(now=NOW + timedelta(minutes=1))
    assert len(letter.body) == 2  # type: ignore[arg-type]


def test_news_that_comes_while_an_earlier_mail_is_handed_over_leaves_in_a_mail_of_its_own_or_with_that_one(
    bell: Bell,
) -> None:
    bell.tell(NewsKind.RETURNED)
    bell.ask()
    [first] = queries.list_due(bell.session, NOW, 9)
    waiting = queries.lock_due(bell.session, first, NOW)
    assert waiting
    assert dispatch.claim(Work(bell.session), waiting, bell._render, known=Round(), now=NOW)
    bell.tell(NewsKind.MENTIONED)
    assert bell.ask() == 1
    outbox.settle(Work(bell.session), first, HandOver.LATER, "451", now=NOW)
    assert bell.ask() == 0
    [letter] = bell.send()
    assert [line.kind for line in letter.body] == [NewsKind.RETURNED, NewsKind.MENTIONED]  # type: ignore[union-attr]
    assert bell.send(now=NOW + timedelta(hours=1)) == []
    assert bell.told() == [(True, True)] * 2
    states = [row.state.value for row in bell.session.scalars(select(Message).order_by(Message.id))]
    assert states == ["cancelled", "sent"]


@pytest.mark.parametrize("outcome", [HandOver.UNKNOWN, HandOver.REFUSED])
def test_news_of_a_mail_that_may_have_arrived_or_was_refused_is_not_told_again(
    bell: Bell, outcome: HandOver
) -> None:
    bell.tell(NewsKind.RETURNED)
    bell.ask()
    bell.send(outcome)
    assert bell.told() == [(True, False)]
    assert (bell.ask(), bell.send()) == (0, [])


def test_news_wanted_in_the_digest_is_not_sent_at_once_and_never_twice(bell: Bell) -> None:
    bell.wish(NewsKind.RETURNED, NewsWish.DIGEST)
    bell.tell(NewsKind.RETURNED)
    bell.tell(NewsKind.MENTIONED)
    bell.ask()
    factories.message(bell.session, bell.person)
    at_once, digest = bell.send()
    assert [line.kind for line in at_once.body] == [NewsKind.MENTIONED]  # type: ignore[union-attr]
    assert isinstance(digest.body, Digest)
    assert [line.kind for line in digest.body.news] == [NewsKind.RETURNED]
    assert bell.told() == [(True, True)] * 2


def test_news_wanted_in_no_mail_ends_as_told(bell: Bell) -> None:
    bell.wish(NewsKind.RETURNED, NewsWish.NEVER)
    bell.tell(NewsKind.RETURNED)
    assert bell.ask() == 0
    assert bell.told() == [(False, True)]
    assert bell.session.scalars(select(Message)).all() == []


def test_nobody_is_asked_to_be_mailed_whose_account_is_closed(bell: Bell) -> None:
    bell.tell(NewsKind.RETURNED)
    bell.person.is_active = False
    assert bell.ask() == 0


def test_a_reader_of_english_reads_the_indicators_english_name(bell: Bell) -> None:
    bell.person.locale = "en"
    indicator = get_instrument(bell.plan.instrument_id).indicator(bell.task.indicator_number)
    bell.task.title = indicator.short_name("id")
    bell.tell(NewsKind.RETURNED)
    bell.ask()
    [letter] = bell.send()
    assert letter.titles == {bell.task.id: indicator.short_name("en")}
    bell.task.title = "Judul yang diketik sendiri"
    bell.tell(NewsKind.MENTIONED)
    bell.ask()
    [typed] = bell.send()
    assert typed.titles == {}
