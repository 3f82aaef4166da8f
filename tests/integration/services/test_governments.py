from dataclasses import replace
from datetime import time

import pytest
from sqlalchemy import select

from spbe_tasks.jobs import Job
from spbe_tasks.models import Event, Government, GovernmentKind
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.services import governments
from spbe_tasks.services.governments import Settings, propose_slug
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

SETTINGS = Settings("Kabupaten Ketapang", "Asia/Pontianak", "SPBE", None, time(8), time(15), False)


def create(work: Work, name: str = "Pemerintah Kabupaten Ketapang", **values: object) -> Government:
    given = {"timezone": "Asia/Pontianak", "actor_id": None, "now": NOW, **values}
    return governments.create(work, name, GovernmentKind.REGENCY, **given)


def change(work: Work, government: Government, settings: Settings, version: int | None = None) -> Government:
    return governments.change_settings(work, government.id, settings, version=version, actor_id=None, now=NOW)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Pemerintah Kabupaten Ketapang", "kabupaten-ketapang"),
        ("Pemprov D.I. Yogyakarta", "d-i-yogyakarta"),
        ("  Kementerian PANRB (Pusat) ", "kementerian-panrb-pusat"),
        ("Kota Açeh", "kota-aceh"),
        ("省", ""),
    ],
)
def test_a_slug_is_made_of_the_names_letters(name: str, slug: str) -> None:
    assert propose_slug(name) == slug


def test_a_long_name_gives_a_slug_that_is_taken() -> None:
    governments.check_slug(propose_slug("Kabupaten " + "Sangat Panjang Sekali " * 20))


def test_a_government_opens_with_usual_office_hours_and_an_event(work: Work) -> None:
    government = create(work)
    assert (government.slug, government.is_mail_paused) == ("kabupaten-ketapang", False)
    assert (government.send_opens_at, government.send_closes_at) == (time(7, 30), time(16, 0))
    event = work.session.scalars(select(Event)).one()
    assert (event.government_id, event.action) == (government.id, "create_government")


@pytest.mark.parametrize("day", [0, 29, 31, -1])
def test_a_day_of_the_monthly_brief_that_not_every_month_has_is_refused(work: Work, day: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        change(work, create(work), replace(SETTINGS, monthly_brief_day=day))
    found = [(each.code, each.field) for each in caught.value.problems]
    assert found == [("government.bad_brief_day", "monthly_brief_day")]


@pytest.mark.parametrize("slug", ["Ketapang", "a b", "-a", "a--b", "x" * 61, "../x"])
def test_a_bad_slug_is_refused(work: Work, slug: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        create(work, slug=slug)
    assert [(each.code, each.field) for each in caught.value.problems] == [("slug.bad", "slug")]


def test_a_slug_belongs_to_one_government(work: Work) -> None:
    first = create(work)
    with pytest.raises(InvalidInputError) as caught:
        create(work)
    assert [(each.code, each.field) for each in caught.value.problems] == [("slug.taken", "slug")]
    assert work.session.scalars(select(Government.id)).all() == [first.id]


def test_a_zone_outside_indonesia_is_refused(work: Work) -> None:
    with pytest.raises(InvalidInputError) as caught:
        create(work, timezone="Europe/Berlin")
    assert caught.value.problems[0].field == "timezone"


def test_settings_are_stored_with_what_changed(work: Work) -> None:
    government = factories.government(work.session, name="Lama")
    change(work, government, replace(SETTINGS, reply_to="Diskominfo@ketapang.example", is_mail_paused=True))
    assert (government.name, government.reply_to, government.is_mail_paused) == (
        "Kabupaten Ketapang",
        "Diskominfo@ketapang.example",
        True,
    )
    event = work.session.scalars(select(Event)).one()
    assert event.data["name"] == ["Lama", "Kabupaten Ketapang"]
    assert event.data["is_mail_paused"] == ["False", "True"]
    assert "timezone" not in event.data


def test_a_new_zone_asks_for_new_figures_and_a_new_name_does_not(work: Work) -> None:
    government = factories.government(work.session)
    plan = factories.plan(work.session, government)
    change(work, government, SETTINGS)
    assert not work.jobs
    change(work, government, replace(SETTINGS, timezone="Asia/Jayapura"))
    assert list(work.jobs) == [(Job.REBUILD_PROJECTION, (plan.id,))]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"timezone": "UTC"}, "timezone"),
        ({"send_opens_at": time(16), "send_closes_at": time(16)}, "send_closes_at"),
        ({"reply_to": "nobody"}, "reply_to"),
    ],
)
def test_wrong_settings_are_refused_at_their_field(work: Work, wrong: dict[str, object], field: str) -> None:
    government = factories.government(work.session)
    with pytest.raises(InvalidInputError) as caught:
        change(work, government, replace(SETTINGS, **wrong))
    assert [problem.field for problem in caught.value.problems] == [field]
    assert government.name != SETTINGS.name


def test_settings_changed_elsewhere_meanwhile_are_not_overwritten(work: Work) -> None:
    government = factories.government(work.session)
    opened = government.version
    change(work, government, SETTINGS, opened)
    work.session.flush()
    with pytest.raises(ConflictError) as caught:
        change(work, government, replace(SETTINGS, name="Lain"), opened)
    assert caught.value.code == "government.stale_version"


def test_a_logo_is_referred_to_and_removed(work: Work) -> None:
    government = factories.government(work.session)
    for key in ("a" * 64, "a" * 64, None):
        governments.set_logo(work, government.id, key, actor_id=None, now=NOW)
    assert government.logo_key is None
    rows = select(Event.action).order_by(Event.id)
    assert work.session.scalars(rows).all() == ["set_logo", "remove_logo"]
