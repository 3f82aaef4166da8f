import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import CriterionClaim, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import Action, CancelKind, State
from spbe_tasks.services import tasks
from spbe_tasks.work import Work
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World


@pytest.fixture(autouse=True)
def in_english(session: Session, world: World) -> None:
    """The sources are English, so a test reads what the code says and not what the catalogue makes of it."""
    for each in (
        world.coordinator,
        world.reviewer,
        world.focal,
        world.other_focal,
        world.head,
        world.executive,
    ):
        each.locale = "en"
    session.flush()


def act(client: FlaskClient, task: Task, action: str, **given: object) -> int:
    data = {"version": task.version} | given
    return client.post(f"/tasks/{task.id}/act/{action}", data=data).status_code


def text_of(client: FlaskClient, task: Task) -> str:
    return unescape(client.get(f"/tasks/{task.id}").get_data(as_text=True))


def offered(client: FlaskClient, task: Task) -> set[str]:
    return set(re.findall(r'<form method="post" action="/tasks/\d+/act/(\w+)" id=', text_of(client, task)))


def do(work: Work, person: object, task: Task, action: Action, **given: object) -> None:
    tasks.act(work, factories.scope(person), task.id, action, given, version=None, now=factories.NOW)  # type: ignore[arg-type]
    work.session.commit()  # a refused request rolls back to here


def test_a_task_goes_from_assigned_to_accepted_through_its_page(world: World, sign_in: SignIn) -> None:
    focal, reviewer, task = sign_in(world.focal), sign_in(world.reviewer), world.task
    assert act(focal, task, "start") == 302
    assert act(focal, task, "block", reason="Menunggu perda.") == 302
    assert "Menunggu perda." in text_of(reviewer, task)
    assert act(focal, task, "unblock") == 302
    assert act(focal, task, "submit", note="Perbup 12/2025 pasal 4") == 302
    assert "Perbup 12/2025 pasal 4" in text_of(reviewer, task)
    assert act(reviewer, task, "return", reason="Belum ditandatangani.") == 302
    assert "Belum ditandatangani." in text_of(focal, task)
    assert act(focal, task, "submit", note="Sudah ditandatangani") == 302
    assert act(reviewer, task, "accept", reached_level="4") == 302
    assert (task.state, task.reached_level) == (State.ACCEPTED, Decimal(4))
    page = text_of(focal, task)
    for words in (
        "Dewi Kominfo started work",
        "Dewi Kominfo reported an obstacle",
        "Rudi Penelaah returned the task",
        "Rudi Penelaah accepted the task at level 4",
    ):
        assert words in page


def test_a_page_offers_each_role_what_the_table_allows(world: World, sign_in: SignIn) -> None:
    task = world.task
    assert offered(sign_in(world.focal), task) == {"start", "assign", "ask_extension"}
    assert offered(sign_in(world.coordinator), task) == {"assign", "reschedule", "cancel"}
    for reader in (world.reviewer, world.head, world.executive):
        assert offered(sign_in(reader), task) == set()
        assert "The agency has not begun yet." in text_of(sign_in(reader), task)


def test_a_missing_reason_is_asked_for_beside_its_field_and_nothing_is_stored(
    world: World, sign_in: SignIn
) -> None:
    focal = sign_in(world.focal)
    act(focal, world.task, "start")
    answer = focal.post(
        f"/tasks/{world.task.id}/act/block", data={"version": world.task.version, "reason": "  "}
    )
    assert answer.status_code == 422
    assert 'id="block-reason-error"' in answer.get_data(as_text=True)
    assert world.task.state is State.IN_PROGRESS


def test_a_level_below_the_start_needs_a_reason_and_one_off_the_scale_is_refused(
    world: World, work: Work, sign_in: SignIn
) -> None:
    do(work, world.focal, world.task, Action.START)
    do(work, world.focal, world.task, Action.SUBMIT, note="bukti")
    reviewer = sign_in(world.reviewer)
    for level in ("1", "9", "dua", "", "NaN"):
        assert act(reviewer, world.task, "accept", reached_level=level) == 422, level
    assert world.task.state is State.SUBMITTED
    assert act(reviewer, world.task, "accept", reached_level="1", reason="Bukti kedaluwarsa.") == 302
    assert world.task.reached_level == Decimal(1)


def test_a_stale_version_shows_what_changed_and_keeps_what_was_typed(
    world: World, work: Work, sign_in: SignIn
) -> None:
    focal, task = sign_in(world.focal), world.task
    act(focal, task, "start")
    seen = task.version
    do(work, world.coordinator, task, Action.RESCHEDULE, due_on=date(2025, 9, 30))
    answer = focal.post(
        f"/tasks/{task.id}/act/submit", data={"version": seen, "note": "Catatan panjang <b>saya</b>"}
    )
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert "Someone else changed this task meanwhile" in page
    assert "Siti Koordinator moved the due date to Tuesday, 30 September 2025" in page
    assert re.search(r"<textarea[^>]*name=\"note\"[^>]*>\s*Catatan panjang", page)
    assert "<b>saya</b>" not in answer.get_data(as_text=True)
    assert f'name="version" type="hidden" value="{task.version}"' in page
    assert task.state is State.IN_PROGRESS


def test_words_typed_for_a_step_that_is_gone_are_still_shown(
    world: World, work: Work, sign_in: SignIn
) -> None:
    focal, task = sign_in(world.focal), world.task
    act(focal, task, "start")
    seen = task.version
    do(work, world.coordinator, task, Action.CANCEL, cancel_kind=CancelKind.NOT_NEEDED, reason="ganti")
    answer = focal.post(f"/tasks/{task.id}/act/submit", data={"version": seen, "note": "Ketikan saya"})
    assert answer.status_code == 409
    assert "Ketikan saya" in answer.get_data(as_text=True)


def test_an_action_of_another_role_is_forbidden_and_an_unknown_one_does_not_exist(
    world: World, sign_in: SignIn
) -> None:
    task = world.task
    assert act(sign_in(world.executive), task, "start") == 403
    assert act(sign_in(world.focal), task, "cancel", cancel_kind="given_up", reason="x") == 403
    assert act(sign_in(world.coordinator), task, "withdraw", reason="x") == 404
    assert act(sign_in(world.coordinator), task, "claim") == 404
    assert act(sign_in(world.focal), task, "dance") == 404
    assert task.state is State.ASSIGNED


def test_another_agencys_task_does_not_exist_on_any_route(world: World, sign_in: SignIn) -> None:
    stranger = sign_in(world.other_focal)
    assert stranger.get(f"/tasks/{world.task.id}").status_code == 404
    assert act(stranger, world.task, "start") == 404
    assert stranger.post(f"/tasks/{world.task.id}/criteria", data={"version": 1}).status_code == 404


def test_another_governments_task_does_not_exist_even_for_its_coordinator(
    session: Session, world: World, sign_in: SignIn
) -> None:
    stranger = sign_in(factories.account(session, factories.government(session)))
    assert stranger.get(f"/tasks/{world.task.id}").status_code == 404
    assert act(stranger, world.task, "cancel", cancel_kind="given_up", reason="x") == 404


def test_sharing_an_indicator_shows_the_other_agencys_name_and_state_but_not_its_task(
    world: World, sign_in: SignIn
) -> None:
    page = text_of(sign_in(world.focal), world.shared)
    assert "Bappeda" in page
    assert f"/tasks/{world.other.id}" not in page
    assert "Bappeda" not in text_of(sign_in(world.focal), world.task)


def test_whoever_submitted_sees_accept_disabled_with_the_reason(
    session: Session, world: World, work: Work, sign_in: SignIn
) -> None:
    both = factories.account(session, world.government, Role.COORDINATOR, world.kominfo, locale="en")
    do(work, both, world.task, Action.START)
    do(work, both, world.task, Action.SUBMIT, note="bukti")
    client = sign_in(both)
    page = text_of(client, world.task)
    assert "You submitted this yourself: another person must accept it." in page
    assert re.search(r'<button class="btn btn-primary" disabled aria-describedby="why-accept">', page)
    assert act(client, world.task, "accept", reached_level="4") == 403


def test_the_checklist_stores_ticks_and_explanations_and_says_what_is_missing(
    session: Session, world: World, sign_in: SignIn
) -> None:
    focal, task = sign_in(world.focal), world.task
    before = task.version
    data = {"version": task.version, "met_3_a": "y", "explanation_3_a": "SK 12/2025\r\nhttps://x.example"}
    assert focal.post(f"/tasks/{task.id}/criteria", data=data).status_code == 302
    claim = session.scalars(select(CriterionClaim).where(CriterionClaim.task_id == task.id)).one()
    assert (claim.level, claim.letter, claim.is_met) == (3, "a", True)
    assert claim.explanation == "SK 12/2025\nhttps://x.example"
    assert claim.claimed_by_id == world.focal.id
    assert task.version == before + 1
    page = text_of(focal, task)
    assert "1 of 2 met" in page
    assert "Dewi Kominfo updated the criteria: 1 of 2 met" in page
    assert focal.post(f"/tasks/{task.id}/criteria", data=data).status_code == 409


def test_a_reader_sees_the_checklist_without_a_form(world: World, sign_in: SignIn) -> None:
    page = text_of(sign_in(world.reviewer), world.task)
    assert 'class="criterion' in page
    assert 'name="met_3_a"' not in page
    answer = sign_in(world.reviewer).post(f"/tasks/{world.task.id}/criteria", data={"version": 1})
    assert answer.status_code == 403


def test_a_due_date_on_a_weekend_is_taken_and_warned_about(world: World, sign_in: SignIn) -> None:
    coordinator, task = sign_in(world.coordinator), world.task
    assert act(coordinator, task, "reschedule", due_on="2025-08-17") == 302
    assert (task.due_on, task.due_version) == (date(2025, 8, 17), 2)
    assert "The new due date is not a working day" in text_of(coordinator, task)
    assert act(coordinator, task, "reschedule", due_on="17/08/2025") == 422


def test_only_people_of_the_agency_can_be_put_in_charge(world: World, sign_in: SignIn) -> None:
    coordinator, task = sign_in(world.coordinator), world.task
    assert act(coordinator, task, "assign", assignee_id=world.other_focal.id) == 422
    assert act(coordinator, task, "assign", assignee_id=world.focal.id) == 302
    assert task.assignee_id == world.focal.id
    assert "Siti Koordinator put Dewi Kominfo in charge" in text_of(coordinator, task)


def test_points_are_explained_from_share_weight_and_levels(world: World, sign_in: SignIn) -> None:
    page = text_of(sign_in(world.focal), world.shared)
    assert "1/2 of the indicator × weight 2.5 × level difference 1 ÷ 100" in page


def test_a_raise_that_waits_for_another_indicator_says_so(
    session: Session, world: World, sign_in: SignIn
) -> None:
    waiting = factories.task(session, world.plan, world.kominfo, 21, baseline_level=Decimal(1))
    assert "only once indicator 12" in text_of(sign_in(world.focal), waiting)
    assert "only once indicator 12" not in text_of(sign_in(world.focal), world.task)


def test_publishing_one_task_shows_it_to_the_agency(session: Session, world: World, sign_in: SignIn) -> None:
    planned = factories.task(session, world.plan, world.kominfo, 5, state=State.PLANNED)
    assert act(sign_in(world.coordinator), planned, "publish") == 302
    assert planned.published_at is not None
    assert sign_in(world.focal).get(f"/tasks/{planned.id}").status_code == 200


def test_agencies_on_an_indicator_see_each_other_only_once_published(
    sign_in: SignIn, world: World, session: Session
) -> None:
    late = factories.agency(session, world.government, short_name="Bagorg", name="Bagian Organisasi")
    planned = factories.task(session, world.plan, late, 12, state=State.PLANNED)
    for agencys in (world.focal, world.head):
        assert "Bagorg" not in text_of(sign_in(agencys), world.shared)
    assert "Bagorg" in text_of(sign_in(world.coordinator), world.shared)
    planned.state, planned.published_at = State.ASSIGNED, factories.NOW
    session.flush()
    assert "Bagorg" in text_of(sign_in(world.focal), world.shared)
