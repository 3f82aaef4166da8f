"""The review queue and its two panes, as pages without JavaScript."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Account, CriterionVerdict, Submission, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.requirements import ReturnReason
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import comments, criteria, review, tasks
from spbe_tasks.services.comments import CommentWords
from spbe_tasks.services.queries import review as queries
from spbe_tasks.services.queries.review import QueueFilter, QueuePlace
from spbe_tasks.work import Work
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted


class Queue:
    """Three submissions, an hour after another: indicators 33 and 12 of Diskominfo, and 12 of Bappeda."""

    def __init__(self, work: Work, world: World) -> None:
        self.work, self.world = work, world
        self.begun = clock.now() - timedelta(days=9)
        self.first, self.second, self.third = world.task, world.shared, world.other
        self.hand_in(self.first, world.focal, self.begun)
        self.hand_in(self.second, world.focal, self.begun + timedelta(hours=1))
        self.hand_in(self.third, world.other_focal, self.begun + timedelta(hours=2))
        work.session.commit()

    def hand_in(self, task: Task, person: Account, at: datetime, explanation: str = "Perbup 12/2025") -> None:
        scope = factories.scope(person)
        tasks.act(self.work, scope, task.id, Action.START, {}, version=None, now=at)
        criteria.claim(self.work, scope, task.id, {(3, "a"): (True, explanation)}, now=at)
        tasks.act(self.work, scope, task.id, Action.SUBMIT, {"note": "Lengkap."}, version=None, now=at)
        self.work.session.flush()


@pytest.fixture
def queue(work: Work, world: World) -> Queue:
    return Queue(work, world)


def _links(page: str) -> list[int]:
    return [int(each) for each in re.findall(r'task-row-title"><a href="/tasks/review/(\d+)', page)]


def _step(page: str, key: str) -> str | None:
    found = re.search(rf'href="([^"]+)" data-key="{key}"', page)
    return found.group(1).replace("&amp;", "&") if found else None


def test_the_queue_leads_to_each_submission_and_can_be_narrowed(queue: Queue, sign_in: SignIn) -> None:
    browser = sign_in(queue.world.reviewer)
    everything = [queue.first.id, queue.second.id, queue.third.id]
    assert _links(browser.get("/tasks/review").text) == everything
    assert _links(browser.get(f"/tasks/review?agency={queue.world.bappeda.id}").text) == [queue.third.id]
    assert _links(browser.get("/tasks/review?indicator=12").text) == everything[1:]
    assert _links(browser.get("/tasks/review?aspect=7").text) == [queue.first.id]
    assert (
        _links(browser.get("/tasks/review?indicator=9999&aspect=x").text) == everything
    )  # unknown: left out
    assert _links(browser.get("/tasks/review?aspect=1").text) == []


def test_what_waits_can_be_ticked_for_the_bar_of_the_lists(queue: Queue, sign_in: SignIn) -> None:
    page = sign_in(queue.world.reviewer).get("/tasks/review").text
    ticks = re.findall(r'name="task" value="(\d+)" form="bulk"', page)
    assert [int(each) for each in ticks] == [queue.first.id, queue.second.id, queue.third.id]
    offered = page.partition('id="bulk-action"')[2].partition("</select>")[0]
    assert re.findall(r'value="(\w+)"', offered) == ["comment"]
    chosen = sign_in(queue.world.coordinator).get(f"/tasks/bulk?action=reschedule&task={ticks[0]}").text
    assert f'name="task" value="{queue.first.id}"' in chosen


def test_next_and_previous_stay_within_what_the_queue_was_narrowed_to(queue: Queue, sign_in: SignIn) -> None:
    browser = sign_in(queue.world.reviewer)
    middle = browser.get(f"/tasks/review/{queue.second.id}").text
    assert _step(middle, "k") == f"/tasks/review/{queue.first.id}"
    assert _step(middle, "j") == f"/tasks/review/{queue.third.id}"
    narrowed = browser.get(f"/tasks/review/{queue.second.id}?indicator=12").text
    assert _step(narrowed, "k") is None
    assert _step(narrowed, "j") == f"/tasks/review/{queue.third.id}?indicator=12"


def test_the_place_in_the_queue_is_told_and_what_is_not_in_it_has_none(
    queue: Queue, session: Session
) -> None:
    scope, asked = factories.scope(queue.world.reviewer), queue.second.id
    found = queries.case_file(session, scope, queries.EVERYTHING, asked)
    assert queries.place_of(found["place"]) == QueuePlace(2, 3, queue.first.id, queue.third.id)
    elsewhere = queries.case_file(session, scope, QueueFilter(agency_id=queue.world.bappeda.id), asked)
    assert queries.place_of(elsewhere["place"]) == QueuePlace()


def test_what_waits_is_as_old_as_the_working_days_since_it_was_handed_in(
    queue: Queue, session: Session
) -> None:
    scope, government = factories.scope(queue.world.reviewer), queue.world.government
    # Thursday, 23:30 in the government's zone; Friday was the Islamic new year, then came a weekend.
    at, monday = datetime(2025, 6, 26, 16, 30, tzinfo=UTC), date(2025, 6, 30)
    session.execute(update(Submission).where(Submission.task_id == queue.first.id).values(submitted_at=at))
    waiting, _ = review.read(session, scope, government, today=monday)
    assert [each.age_days for each in waiting if each.row.id == queue.first.id] == [1]
    assert review.read_case(session, scope, government, queue.first.id, today=monday).age_days == 1


def test_accepting_below_the_target_opens_the_next_round_and_leads_on(queue: Queue, sign_in: SignIn) -> None:
    browser = sign_in(queue.world.reviewer)
    address = f"/tasks/review/{queue.first.id}"
    page = browser.get(address).text
    assert 'name="reached_level"' in page
    answer = browser.post(
        f"{address}/accept", data={"version": queue.first.version, "reached_level": "3", "reason": ""}
    )
    assert answer.location == f"/tasks/review/{queue.second.id}"
    assert (queue.first.state, queue.first.reached_level) == (State.ACCEPTED, Decimal(3))
    assert _links(browser.get("/tasks/review").text) == [queue.second.id, queue.third.id]


def test_returning_with_a_reason_for_a_criterion_needs_no_other_words(
    queue: Queue, sign_in: SignIn, session: Session
) -> None:
    browser = sign_in(queue.world.reviewer)
    typed = {
        "version": queue.third.version,
        "reason": "",
        "verdict_3_a": "unsigned",
        "note_3_a": "Halaman terakhir belum ditandatangani.",
    }
    answer = browser.post(f"/tasks/review/{queue.third.id}/return", data=typed)
    assert answer.location == "/tasks/review"  # it was the last
    (verdict,) = session.scalars(select(CriterionVerdict)).all()
    assert (verdict.level, verdict.letter, verdict.reason) == (3, "a", ReturnReason.UNSIGNED)
    assert verdict.note == "Halaman terakhir belum ditandatangani."
    assert queue.third.state is State.RETURNED


def test_words_beside_a_criterion_without_a_reason_chosen_are_another_reason(
    queue: Queue, sign_in: SignIn, session: Session
) -> None:
    typed = {"version": queue.third.version, "note_3_a": "Tahun salah."}
    sign_in(queue.world.reviewer).post(f"/tasks/review/{queue.third.id}/return", data=typed)
    assert session.scalars(select(CriterionVerdict.reason)).all() == [ReturnReason.OTHER]


def test_a_return_without_any_reason_is_refused_and_keeps_what_was_typed(
    queue: Queue, sign_in: SignIn
) -> None:
    browser, address = sign_in(queue.world.reviewer), f"/tasks/review/{queue.first.id}/return"
    answer = browser.post(address, data={"version": queue.first.version, "verdict_3_a": "other"})
    assert answer.status_code == 422
    assert '<option selected value="other">' in answer.text
    assert browser.post(address, data={"version": queue.first.version}).status_code == 422
    assert queue.first.state is State.SUBMITTED


def test_what_somebody_else_decided_meanwhile_is_told_and_the_words_stay(
    queue: Queue, sign_in: SignIn, work: Work
) -> None:
    seen = queue.first.version
    now = clock.now()
    tasks.act(
        work,
        factories.scope(queue.world.coordinator),
        queue.first.id,
        Action.RESCHEDULE,
        {"due_on": factories.DUE_ON + timedelta(days=1)},
        version=None,
        now=now,
    )
    work.session.commit()
    answer = sign_in(queue.world.reviewer).post(
        f"/tasks/review/{queue.first.id}/return", data={"version": seen, "reason": "Kurang bukti."}
    )
    assert answer.status_code == 409
    assert ">Kurang bukti.</textarea>" in answer.text.replace("\r\n", "")
    assert queue.first.state is State.SUBMITTED


def test_whoever_handed_it_in_reads_why_they_cannot_accept_it(
    queue: Queue, sign_in: SignIn, work: Work
) -> None:
    both = factories.account(work.session, queue.world.government, Role.COORDINATOR, queue.world.kominfo)
    shared = factories.task(work.session, queue.world.plan, queue.world.kominfo, 35)
    queue.hand_in(shared, both, clock.now())
    work.session.commit()
    page = sign_in(both, factories.PASSWORD).get(f"/tasks/review/{shared.id}").text
    assert 'id="act-accept"' not in page
    assert "orang lain" in page
    assert 'id="act-accept"' in sign_in(queue.world.reviewer).get(f"/tasks/review/{shared.id}").text


def test_what_changed_since_the_submission_before_is_marked(
    queue: Queue, sign_in: SignIn, work: Work
) -> None:
    browser, address = sign_in(queue.world.reviewer), f"/tasks/review/{queue.third.id}"
    assert "chip-new" not in browser.get(address).text
    browser.post(f"{address}/return", data={"version": queue.third.version, "reason": "Nomor salah."})
    queue.hand_in(queue.third, queue.world.other_focal, clock.now(), "Perbup 13/2025")
    work.session.commit()
    page = browser.get(address).text
    assert page.count("chip-new") == 1
    assert "Perbup 13/2025" in page
    assert '<blockquote class="multiline">Perbup 12/2025</blockquote>' in page


def test_a_task_that_does_not_wait_leads_to_its_own_page(queue: Queue, sign_in: SignIn, work: Work) -> None:
    browser = sign_in(queue.world.reviewer)
    idle = factories.task(work.session, queue.world.plan, queue.world.kominfo, 35)
    work.session.commit()
    assert browser.get(f"/tasks/review/{idle.id}").location == f"/tasks/{idle.id}"
    answer = browser.post(f"/tasks/review/{idle.id}/accept", data={"version": "1", "reached_level": "3"})
    assert answer.status_code == 409


def test_only_accepting_and_returning_are_done_here(queue: Queue, sign_in: SignIn) -> None:
    answer = sign_in(queue.world.coordinator).post(
        f"/tasks/review/{queue.first.id}/cancel", data={"version": queue.first.version}
    )
    assert answer.status_code == 404


def test_a_submission_takes_at_most_seven_statements(queue: Queue, sign_in: SignIn) -> None:
    browser = sign_in(queue.world.reviewer)
    browser.get(f"/tasks/review/{queue.second.id}")  # its news are seen with the first look
    with counted(db.engine) as statements:
        assert browser.get(f"/tasks/review/{queue.second.id}").status_code == 200
    assert len(statements) <= 7, "\n\n".join(statements)


def test_what_was_said_about_the_task_is_read_beside_it(
    queue: Queue, sign_in: SignIn, session: Session
) -> None:
    factories.comment(session, queue.first, queue.world.focal, "Berkas asli ada di arsip.")
    session.commit()
    page = sign_in(queue.world.reviewer).get(f"/tasks/review/{queue.first.id}").text
    assert "Berkas asli ada di arsip." in page
    assert f'href="/tasks/{queue.first.id}#discussion"' in page


def test_a_comment_is_not_taken_for_the_change_that_made_a_form_stale(
    queue: Queue, sign_in: SignIn, work: Work
) -> None:
    seen, now = queue.first.version, clock.now()
    coordinator = factories.scope(queue.world.coordinator)
    due_on = {"due_on": factories.DUE_ON + timedelta(days=1)}
    tasks.act(work, coordinator, queue.first.id, Action.RESCHEDULE, due_on, version=None, now=now)
    comments.write(work, coordinator, queue.first.id, CommentWords("Sudah saya ubah."), now=now)
    work.session.commit()
    refused = sign_in(queue.world.reviewer).post(
        f"/tasks/review/{queue.first.id}/accept", data={"version": seen, "reached_level": "4"}
    )
    assert refused.status_code == 409
    assert "1 Juli 2025" in refused.text
