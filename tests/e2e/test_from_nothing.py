"""Journey two: from an empty database to an accepted task without the command line; then a second government."""

import re
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from spbe_tasks import clock
from tests.e2e import steps
from tests.e2e.conftest import PHONE, Installation
from tests.factories import SPBE

ADMINISTRATOR = "admin@ketapang.example"
COORDINATOR, FOCAL = "koordinator@ketapang.example", "pic@ketapang.example"
STRANGER = "koordinator@sanggau.example"
YEAR = 2024
FIRST = ("Ketapang", "BPKAD", "Badan Keuangan", "Sari", "Budi")
PAGES = (
    "/dashboard",
    "/tasks",
    "/tasks/review",
    "/plans",
    "/assessments",
    "/ownership",
    "/agencies",
    "/people",
    "/reminders",
    "/settings",
)


def test_from_an_empty_database_to_an_accepted_task(installation: Installation, tmp_path: Path) -> None:
    with (
        installation.visitor() as admin,
        installation.visitor() as coordinator,
        installation.visitor(viewport=PHONE) as focal,
    ):
        _set_up(admin)
        _open_government(admin, "Pemerintah Kabupaten Ketapang", steps.ZONE)
        _add_agency(admin, "Badan Keuangan Daerah", "BPKAD")
        _invite(admin, "Budi Santoso", COORDINATOR, role="coordinator")
        _activate(installation, coordinator, COORDINATOR)

        _invite(coordinator, "Sari Dewi", FOCAL, role="focal_point", agency="Badan Keuangan Daerah")
        _activate(installation, focal, FOCAL)
        for number in (33, 34):
            _lead(coordinator, number, "Badan Keuangan Daerah")
        steps.upload_levels(coordinator, _levels(tmp_path), YEAR)
        due_on = clock.today(steps.ZONE) + timedelta(days=30)
        steps.make_and_publish_plan(coordinator, YEAR, due_on=due_on.isoformat(), target="3,2")
        steps.wait_for_secured(coordinator, "2,95")  # 3 - 2 x 2.75 / 100 = 2.945

        steps.through_door(focal, "/tasks/mine")
        task = steps.work_and_submit(focal)
        steps.accept_at(coordinator, task, "3")
        steps.wait_for_secured(coordinator, "2,97")  # 2.9725
        steps.through_door(coordinator, "/reminders")
        coordinator.locator(".nav-tabs a[href='/outbox']").click()
        expect(coordinator.locator("main")).to_contain_text(FOCAL)

        _open_government(admin, "Pemerintah Kabupaten Sanggau", steps.ZONE)
        _invite(admin, "Rina Wati", STRANGER, role="coordinator")
    with installation.visitor(viewport=PHONE) as stranger:
        _activate(installation, stranger, STRANGER)
        _sees_nothing_of_the_first(stranger, task)


def _set_up(admin: Page) -> None:
    admin.goto("/")
    expect(admin).to_have_url(re.compile("/setup$"))
    admin.fill("[name=name]", "Admin Instalasi")
    admin.fill("[name=email]", ADMINISTRATOR)
    admin.fill("[name=password]", steps.PASSWORD)
    admin.fill("[name=repeated]", steps.PASSWORD)
    steps.submit(admin)
    admin.wait_for_url("**/governments/new")


def _open_government(admin: Page, name: str, zone: str) -> None:
    steps.through_door(admin, "/governments")
    admin.locator("main a[href='/governments/new']").first.click()
    admin.fill("[name=name]", name)
    admin.select_option("[name=kind]", "kabupaten")
    admin.select_option("[name=timezone]", zone)
    steps.submit(admin)
    admin.wait_for_url(re.compile(r"/settings$"))
    expect(admin.locator("header")).to_contain_text(name)


def _add_agency(page: Page, name: str, short_name: str) -> None:
    steps.through_door(page, "/agencies")
    page.locator("main a[href='/agencies/new']").first.click()
    page.fill("[name=name]", name)
    page.fill("[name=short_name]", short_name)
    steps.submit(page)
    expect(page.locator("main")).to_contain_text(name)


def _invite(page: Page, name: str, email: str, *, role: str, agency: str | None = None) -> None:
    steps.through_door(page, "/people")
    page.locator("main a[href='/people/new']").first.click()
    page.fill("[name=name]", name)
    page.fill("[name=email]", email)
    page.select_option("[name=role]", role)
    if agency:
        choice = page.locator("[name=agency_id] option", has_text=agency).get_attribute("value")
        page.select_option("[name=agency_id]", choice)
    steps.submit(page)
    expect(page.locator("main")).to_contain_text(name)


def _activate(installation: Installation, page: Page, email: str) -> None:
    mail = steps.mail_to(installation.mailbox, email, containing="/activate/", seconds=60)
    page.goto(steps.link_in(mail, "/activate/"))
    page.fill("[name=password]", steps.PASSWORD)
    page.fill("[name=repeated]", steps.PASSWORD)
    steps.submit(page)
    expect(page.locator("[name=repeated]")).to_have_count(0)


def _lead(page: Page, number: int, agency: str) -> None:
    steps.through_door(page, "/ownership")
    other_instrument = page.locator(f"main a[href='/ownership?instrument={SPBE}']")
    if other_instrument.count():
        other_instrument.click()
    page.locator(f"main a[href='/ownership/{SPBE}/{number}']:visible").first.click()
    choice = page.locator("[name=lead_id] option", has_text=agency).get_attribute("value")
    page.select_option("[name=lead_id]", choice)
    page.locator("[name=store]").click()
    page.wait_for_url(re.compile(r"/ownership(\?|$|#)"))


def _levels(folder: Path) -> Path:
    file = folder / "levels.csv"
    rows = [f"{number},{2 if number in (33, 34) else 3}" for number in range(1, 48)]
    file.write_text("number,level\n" + "\n".join(rows))
    return file


def _sees_nothing_of_the_first(stranger: Page, task: str) -> None:
    for address in PAGES:
        steps.through_door(stranger, address)
        # Anybody may choose among the names of the published results; they are nothing of the first government's.
        stranger.locator("select[name=national_name]").evaluate_all("lists => lists.forEach(l => l.remove())")
        text = stranger.content()
        for word in FIRST:
            assert word not in text, (address, word)
    assert stranger.request.get(task).status == 404
