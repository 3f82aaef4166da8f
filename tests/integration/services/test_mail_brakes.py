"""What holds mail back: suppression, a day's most messages, a domain's pace, a stop; and what repeats it once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    Account,
    DeliveryAttempt,
    Government,
    Message,
    MessageKind,
    MessageState,
    ReminderIntent,
    SuppressionReason,
)
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.delivery import REPEAT_AFTER, HandOver
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.reminder_policy import ReminderPolicy
from spbe_tasks.services import brakes, dispatch, outbox, reminder_policies, suppressions
from spbe_tasks.services.brakes import HELD
from spbe_tasks.services.letters import Hold, Letter, Mail, Parcel
from spbe_tasks.services.queries import sending as queries
from spbe_tasks.services.send_round import Round
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

TODAY = NOW.date()
TOMORROW_MORNING = datetime.fromisoformat("2025-03-04T02:00:00+00:00")


@dataclass
class Post:
    """A government with three focal points, each with a digest that waits."""

    session: Session
    government: Government
    coordinator: Account
    people: list[Account]
    intents: list[ReminderIntent]
    messages: list[Message]
    letters: list[Letter]

    def set_policy(self, policy: ReminderPolicy) -> None:
        scope = factories.scope(self.coordinator)
        reminder_policies.store(Work(self.session), scope, policy, seen_number=0, now=NOW)
        self.session.flush()

    def claim_all(self, now: datetime = NOW) -> list[Parcel]:
        """One round of sending, without a server."""
        self.session.flush()
        known, found = Round(), []
        for message_id in queries.list_due(self.session, now, 99):
            waiting = queries.lock_due(self.session, message_id, now)
            if waiting:
                parcel = dispatch.claim(Work(self.session), waiting, self._render, known=known, now=now)
                found += [parcel] if parcel else []
            self.session.flush()
        return found

    def settle(self, message: Message, outcome: HandOver, words: str = "", now: datetime = NOW) -> None:
        outbox.settle(Work(self.session), message.id, outcome, words, now=now)
        self.session.flush()
        self.session.expire_all()

    def stands(self) -> list[tuple[str, str | None]]:
        self.session.flush()
        self.session.expire_all()
        return [(each.state.value, each.reason) for each in self.messages]

    def _render(self, letter: Letter) -> Mail:
        self.letters.append(letter)
        if letter.kept:
            return Mail(letter.kept.subject, b"again", letter.kept.text, letter.kept.html)
        return Mail("Perihal", b"isi", "isi", "<p>isi</p>")


@pytest.fixture
def post(session: Session) -> Post:
    government = factories.government(session)
    coordinator = factories.account(session, government, Role.COORDINATOR)
    plan = factories.plan(session, government)
    people, intents, messages = [], [], []
    for number in range(3):
        agency = factories.agency(session, government)
        person = factories.account(session, government, Role.FOCAL_POINT, agency)
        task = factories.task(session, plan, agency, 1 + number, due_on=TODAY)
        people.append(person)
        intents.append(factories.intent(session, task, person))
        messages.append(factories.message(session, person))
    return Post(session, government, coordinator, people, intents, messages, [])


def test_an_address_suppressed_since_the_mail_was_asked_for_is_not_written_to(post: Post) -> None:
    suppressions.suppress(Work(post.session), post.people[0], SuppressionReason.BOUNCED, "550 gone", now=NOW)
    assert [each.to_address for each in post.claim_all()] == [each.email for each in post.people[1:]]
    assert post.stands()[0] == ("cancelled", "suppressed")
    assert post.intents[0].state == "suppressed"


def test_a_test_goes_to_a_suppressed_address_all_the_same(post: Post) -> None:
    suppressions.suppress(Work(post.session), post.people[0], SuppressionReason.BOUNCED, "550 gone", now=NOW)
    asked = outbox.ask_for_test(Work(post.session), post.people[0].id, post.government.id, now=NOW)
    assert asked.id in [each.message_id for each in post.claim_all()]


def test_the_days_most_messages_hold_the_rest_and_are_told_once(post: Post) -> None:
    administrator = factories.administrator(post.session)
    post.set_policy(ReminderPolicy(daily_cap=1))
    parcels = post.claim_all()
    assert [each.message_id for each in parcels] == [post.messages[0].id]
    assert post.stands() == [("handing_over", None), ("pending", "daily_cap"), ("pending", "daily_cap")]
    assert {each.next_attempt_at for each in post.messages[1:]} == {NOW + HELD}
    told = post.session.scalars(select(Message).where(Message.kind == MessageKind.ALERT)).all()
    assert {each.account_id for each in told} == {post.coordinator.id, administrator.id}
    assert {each.government_id for each in told} == {post.government.id}
    # The alert leaves although everything else is held, and says why.
    alerts = post.claim_all(NOW + HELD)
    assert {each.message_id for each in alerts} == {each.id for each in told}
    assert post.letters[-1].body == Hold(TODAY, 1)
    assert len(post.session.scalars(select(Message).where(Message.kind == MessageKind.ALERT)).all()) == 2


def test_what_is_held_leaves_once_somebody_releases_it(post: Post) -> None:
    post.set_policy(ReminderPolicy(daily_cap=1))
    post.claim_all()
    work, scope = Work(post.session), factories.scope(post.coordinator)
    brakes.release(work, scope, TODAY, now=NOW)
    brakes.release(work, scope, TODAY, now=NOW + timedelta(minutes=1))
    hold = queries.find_hold(post.session, post.government.id, TODAY)
    assert hold
    assert (hold.released_at, hold.released_by_id) == (NOW, post.coordinator.id)
    sent = [each.message_id for each in post.claim_all()]
    assert {each.id for each in post.messages[1:]} <= set(sent)


def test_a_held_day_ends_at_midnight(post: Post) -> None:
    post.set_policy(ReminderPolicy(daily_cap=1))
    post.claim_all()
    for message in post.messages[1:]:
        message.local_date = TODAY + timedelta(days=1)
    assert len(post.claim_all(TOMORROW_MORNING)) >= 1


def test_a_domain_gets_so_many_mails_a_minute_and_the_rest_in_the_following_ones(post: Post) -> None:
    post.set_policy(ReminderPolicy(per_domain_per_minute=1))
    assert len(post.claim_all()) == 1
    assert post.stands()[1:] == [("pending", "paced")] * 2
    waits = [each.next_attempt_at - NOW for each in post.messages[1:]]
    assert waits == [timedelta(minutes=1), timedelta(minutes=2)]
    assert len(post.claim_all(NOW + timedelta(seconds=59))) == 0
    assert len(post.claim_all(NOW + timedelta(minutes=1))) == 1


def test_nothing_leaves_while_the_installation_is_stopped(post: Post) -> None:
    administrator = factories.administrator(post.session)
    outbox.enqueue(Work(post.session), account=post.people[0], kind=MessageKind.PASSWORD_RESET, now=NOW)
    for _ in range(2):
        brakes.stop_all(Work(post.session), "Alamat salah", actor_id=administrator.id, now=NOW)
    assert post.claim_all() == []
    assert not queries.has_due(post.session, NOW)
    brakes.go_on(Work(post.session), actor_id=administrator.id, now=NOW)
    assert len(post.claim_all()) == 4


def test_stopping_asks_why(post: Post) -> None:
    with pytest.raises(InvalidInputError):
        brakes.stop_all(Work(post.session), "  ", actor_id=post.coordinator.id, now=NOW)


def test_every_attempt_is_kept_in_the_servers_words(post: Post) -> None:
    message = post.messages[0]
    post.claim_all()
    post.settle(message, HandOver.LATER, "451 greylisted")
    post.claim_all(NOW + timedelta(minutes=1))
    post.settle(message, HandOver.ACCEPTED, "250 queued", now=NOW + timedelta(minutes=1))
    kept = post.session.scalars(
        select(DeliveryAttempt)
        .where(DeliveryAttempt.message_id == message.id)
        .order_by(DeliveryAttempt.number)
    ).all()
    assert [(each.number, each.outcome, each.answer) for each in kept] == [
        (1, HandOver.LATER, "451 greylisted"),
        (2, HandOver.ACCEPTED, "250 queued"),
    ]


def test_an_unanswered_mail_is_repeated_once_word_for_word_where_the_policy_says_so(post: Post) -> None:
    post.set_policy(ReminderPolicy(repeat_uncertain=True))
    message = post.messages[0]
    post.claim_all()
    post.settle(message, HandOver.UNKNOWN)
    assert post.stands()[0] == ("pending", "repeat")
    assert (post.intents[0].state, post.intents[0].message_id) == ("carried", message.id)
    again = NOW + REPEAT_AFTER
    [parcel] = [each for each in post.claim_all(again) if each.message_id == message.id]
    assert parcel.content == b"again"
    post.settle(message, HandOver.UNKNOWN, now=again)
    assert post.stands()[0] == ("uncertain", "no_answer")
    assert (post.intents[0].state, post.intents[0].reason) == ("failed", "no_answer")
    assert post.claim_all(again + timedelta(hours=1)) == []


@pytest.mark.parametrize(
    ("outcome", "stand"),
    [
        (HandOver.ACCEPTED, ("sent", None)),
        (HandOver.REFUSED, ("uncertain", "no_answer")),
        (HandOver.LATER, ("pending", "repeat")),
    ],
)
def test_how_a_repetition_ends(post: Post, outcome: HandOver, stand: tuple[str, str | None]) -> None:
    post.set_policy(ReminderPolicy(repeat_uncertain=True))
    post.claim_all()
    post.settle(post.messages[0], HandOver.UNKNOWN)
    post.claim_all(NOW + REPEAT_AFTER)
    post.settle(post.messages[0], outcome, now=NOW + REPEAT_AFTER)
    assert post.stands()[0] == stand


def test_a_repetition_whose_day_is_over_stays_uncertain(post: Post) -> None:
    post.set_policy(ReminderPolicy(repeat_uncertain=True))
    post.claim_all()
    post.settle(post.messages[0], HandOver.UNKNOWN)
    post.claim_all(TOMORROW_MORNING)
    assert post.stands()[0] == ("uncertain", "no_answer")
    assert post.intents[0].state == "failed"


def test_what_was_marked_but_never_handed_over_is_put_back(post: Post) -> None:
    post.claim_all()
    for message in post.messages:
        outbox.take_back(Work(post.session), message.id, marked_at=NOW, now=NOW)
    assert [state for state, _ in post.stands()] == ["pending"] * 3
    assert [each.state for each in post.intents] == ["open"] * 3
    post.claim_all(NOW + timedelta(minutes=1))
    outbox.take_back(Work(post.session), post.messages[0].id, marked_at=NOW, now=NOW)
    assert post.messages[0].state is MessageState.HANDING_OVER  # another sender's mark
