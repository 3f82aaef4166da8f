"""What is typed into a task's forms and not stored: drafts, and both versions after a clash."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import CriterionClaim, LevelText, TypedDraft
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.submission_changes import Words
from spbe_tasks.services import criteria
from spbe_tasks.work import Work
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

TYPED = {"met_3_a": "y", "explanation_3_a": "Perbup 12/2025", "facts_3": "Ada Perbup."}


@pytest.fixture(autouse=True)
def in_english(session: Session, world: World) -> None:
    world.focal.locale = "en"
    session.flush()


def page_of(client: FlaskClient, address: str) -> str:
    return unescape(client.get(address).get_data(as_text=True))


def keep(client: FlaskClient, world: World, form: str = "checklist", **typed: object) -> int:
    data = {"version": world.task.version} | (typed or TYPED)
    return client.post(f"/tasks/{world.task.id}/drafts/{form}", data=data).status_code


def stored_by_a_colleague(work: Work, world: World) -> None:
    colleague = factories.account(
        work.session, world.government, Role.FOCAL_POINT, world.kominfo, name="Rina Kominfo"
    )
    said = {(3, "a"): (False, "Belum ada.")}
    scope = factories.scope(colleague)
    criteria.claim(work, scope, world.task.id, said, texts={3: Words("Draf saja.", "")}, now=factories.NOW)
    work.session.commit()


def test_a_draft_is_told_of_and_taken_up_as_it_was_typed(world: World, sign_in: SignIn) -> None:
    focal, address = sign_in(world.focal), f"/tasks/{world.task.id}"
    assert keep(focal, world) == 200
    page = page_of(focal, address)
    assert "There is a draft of " in page
    assert f'id="checklist" novalidate data-draft="{address}/drafts/checklist"' in page
    assert "Perbup 12/2025" not in page
    page = page_of(focal, f"{address}?draft=checklist")
    assert "This is your draft of " in page
    assert re.search(r'<input checked[^>]*name="met_3_a"', page)
    assert re.search(r'<textarea[^>]*name="explanation_3_a"[^>]*>\s*Perbup 12/2025', page)
    assert re.search(r'<textarea[^>]*name="facts_3"[^>]*>\s*Ada Perbup\.', page)


def test_the_answer_says_when_it_was_kept_and_a_session_that_ended_is_told_apart(
    world: World, sign_in: SignIn, client: FlaskClient
) -> None:
    focal, address = sign_in(world.focal), f"/tasks/{world.task.id}/drafts/checklist"
    wants_json = {"Accept": "application/json"}
    answer = focal.post(address, data=TYPED, headers=wants_json)
    assert re.fullmatch(r"Draft kept at \d\d:\d\d; not stored yet\.", answer.get_json()["words"])
    assert client.post(address, data=TYPED, headers=wants_json).status_code == 401


def test_storing_takes_the_draft_away_and_what_it_said_is_there(
    session: Session, world: World, sign_in: SignIn
) -> None:
    focal = sign_in(world.focal)
    keep(focal, world)
    data = {"version": world.task.version} | TYPED
    assert focal.post(f"/tasks/{world.task.id}/criteria", data=data).status_code == 302
    assert session.scalars(select(TypedDraft)).all() == []
    assert session.scalars(select(LevelText.facts)).all() == ["Ada Perbup."]


def test_a_draft_is_discarded_on_the_page(session: Session, world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal)
    keep(focal, world)
    assert focal.post(f"/tasks/{world.task.id}/drafts/checklist/discard").status_code == 302
    assert session.scalars(select(TypedDraft)).all() == []


def test_the_note_of_a_submission_is_a_draft_too(world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal)
    focal.post(f"/tasks/{world.task.id}/act/start", data={"version": world.task.version})
    keep(focal, world, "submit", note="Semua dokumen ada di map biru")
    page = page_of(focal, f"/tasks/{world.task.id}?draft=submit")
    assert re.search(r'<textarea[^>]*name="note"[^>]*>\s*Semua dokumen ada di map biru', page)


def test_a_form_nobody_has_keeps_no_draft(world: World, sign_in: SignIn) -> None:
    assert keep(sign_in(world.focal), world, "accept", note="x") == 404


def test_a_clash_shows_both_versions_and_keeps_what_was_typed(
    work: Work, world: World, sign_in: SignIn
) -> None:
    focal, seen = sign_in(world.focal), world.task.version
    stored_by_a_colleague(work, world)
    answer = focal.post(f"/tasks/{world.task.id}/criteria", data={"version": seen} | TYPED)
    assert answer.status_code == 409
    page = unescape(answer.get_data(as_text=True))
    assert "Rina Kominfo updated the criteria" in page
    table = page[page.index('id="clash"') : page.index("</table>")]
    rows = re.findall(r'name="take" value="(\w+)"', table)
    assert rows == ["met_3_a", "explanation_3_a", "facts_3"]
    for words in ("Perbup 12/2025", "Belum ada.", "Ada Perbup.", "Draf saja.", "Ticked", "Not ticked"):
        assert words in table
    assert re.search(r'<textarea[^>]*name="facts_3"[^>]*>\s*Ada Perbup\.', page)


def test_storing_again_puts_mine_on_top_but_where_i_keep_what_is_stored(
    session: Session, work: Work, world: World, sign_in: SignIn
) -> None:
    focal = sign_in(world.focal)
    stored_by_a_colleague(work, world)
    again = {"version": world.task.version, "take": ["facts_3"]} | TYPED
    assert focal.post(f"/tasks/{world.task.id}/criteria", data=again).status_code == 302
    claim = session.scalars(select(CriterionClaim)).one()
    assert (claim.is_met, claim.explanation) == (True, "Perbup 12/2025")
    assert session.scalars(select(LevelText.facts)).all() == ["Draf saja."]


def test_a_draft_of_an_older_version_is_taken_up_beside_what_is_stored_now(
    work: Work, world: World, sign_in: SignIn
) -> None:
    focal = sign_in(world.focal)
    keep(focal, world)
    stored_by_a_colleague(work, world)
    page = page_of(focal, f"/tasks/{world.task.id}?draft=checklist")
    assert 'id="clash"' in page
    assert f'name="version" type="hidden" value="{world.task.version}"' in page


def test_a_text_that_is_too_long_is_refused_beside_its_field_and_kept(world: World, sign_in: SignIn) -> None:
    data = {"version": world.task.version} | TYPED | {"facts_3": "panjang " * 600}
    answer = sign_in(world.focal).post(f"/tasks/{world.task.id}/criteria", data=data)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "At most 4000 characters fit here." in page
    assert "panjang panjang" in page


def test_a_tick_that_nothing_shows_holds_the_submission_back_with_the_reason(
    world: World, sign_in: SignIn
) -> None:
    focal = sign_in(world.focal)
    focal.post(f"/tasks/{world.task.id}/act/start", data={"version": world.task.version})
    focal.post(f"/tasks/{world.task.id}/criteria", data={"version": world.task.version, "met_3_a": "y"})
    page = page_of(focal, f"/tasks/{world.task.id}")
    assert "Nothing shows what is ticked at 3a." in page
    assert re.search(r'<button class="btn btn-primary" disabled aria-describedby="why-submit">', page)


def test_without_a_script_adding_evidence_stores_the_checklist_and_leads_to_the_box(
    session: Session, world: World, sign_in: SignIn
) -> None:
    focal = sign_in(world.focal)
    data = {"version": world.task.version, "evidence_for": "3.a"} | TYPED
    answer = focal.post(f"/tasks/{world.task.id}/criteria", data=data)
    assert answer.location == f"/tasks/{world.task.id}?criterion=3.a#evidence"
    assert session.scalars(select(CriterionClaim.explanation)).all() == ["Perbup 12/2025"]
    page = page_of(focal, answer.location)
    assert re.search(r'name="criterion" value="3\.a" checked', page)
    assert "criterion=3.a" in re.findall(r'data-evidence-way href="([^"]+)"', page)[0]
