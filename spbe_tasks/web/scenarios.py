"""What if: levels tried out with their figures at once, kept as scenarios, compared, and made the plan."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Scenario
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.whatif import Answer
from spbe_tasks.services import instruments, scenarios
from spbe_tasks.services.queries import assessments
from spbe_tasks.services.queries import scenarios as queries
from spbe_tasks.services.scenarios import Ground
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.fields import NAME_LENGTH
from spbe_tasks.web.forms.scenarios import ScenarioForm, scenario_form
from spbe_tasks.web.navigation import selected_plan
from spbe_tasks.web.paging import page_number

blueprint = Blueprint("scenarios", __name__, url_prefix="/scenarios")


@blueprint.get("")
@requires(Capability.VIEW_AGENCY_FIGURES)
def index() -> ResponseReturnValue:
    """One's own scenarios and the shared ones."""
    page = page_number()
    rows, total = queries.list_scenarios(db.session(), scope(), page=page)
    return render_template(
        "scenarios/index.html",
        rows=rows,
        total=total,
        page=page,
        per_page=queries.SCENARIOS_PER_PAGE,
        start=_start(),
        instrument_of=instruments.finder(db.session(), scope().government_id),
    )


@blueprint.route("/<instrument_id>/<int:year>/new", methods=["GET", "POST"])
@requires(Capability.MANAGE_PLANS)
def create(instrument_id: str, year: int) -> ResponseReturnValue:
    """Try levels out, and keep them under a name. A path's answer is posted here, too: only its raised levels."""
    found = _ground(instrument_id, year)
    is_sent = request.method == "POST"  # what is not sent then stays as it is, wherever the form began
    form = scenario_form(found, from_plan=not is_sent and request.args.get("from") == "plan")
    return answer_form(
        form,
        lambda: _create(form, found) if form.store.data else _page(form, found, _answer(form, found)),
        lambda: _page(form, found, _answer_if_right(form, found)),
    )


@blueprint.post("/<instrument_id>/<int:year>/answer")
@requires(Capability.MANAGE_PLANS)
def answer(instrument_id: str, year: int) -> ResponseReturnValue:
    """The figures of the levels that were chosen, as the parts of the page that follow a choice."""
    found = _ground(instrument_id, year)
    form = scenario_form(found)

    def show(figures: Answer | None) -> str:
        return render_template("scenarios/answer.html", form=form, found=found, answer=figures)

    return answer_form(form, lambda: show(_answer(form, found)), lambda: show(None))


@blueprint.get("/<int:scenario_id>")
@requires(Capability.VIEW_AGENCY_FIGURES)
def show(scenario_id: int) -> ResponseReturnValue:
    """What a scenario brings, by the figures of today."""
    scenario = queries.get_scenario(db.session(), scope(), scenario_id)
    found = scenarios.ground_of(db.session(), scope(), scenario, now=clock.now())
    return render_template(
        "scenarios/show.html",
        scenario=scenario,
        found=found,
        wanted=(wanted := found.wanted(scenario)),
        answer=found.answer(wanted),
        others=queries.list_beside(db.session(), scope(), scenario),
    )


@blueprint.route("/<int:scenario_id>/edit", methods=["GET", "POST"])
@requires(Capability.MANAGE_PLANS)
def edit(scenario_id: int) -> ResponseReturnValue:
    """Other levels, another name, and who sees it."""
    scenario = queries.get_scenario(db.session(), scope(), scenario_id)
    found = scenarios.ground_of(db.session(), scope(), scenario, now=clock.now())
    form = scenario_form(found, scenario)
    if not scenarios.is_makers(scope(), scenario):
        del form.is_shared
    return answer_form(
        form,
        lambda: (
            _change(form, scenario, found)
            if form.store.data
            else _page(form, found, _answer(form, found), scenario)
        ),
        lambda: _page(form, found, _answer_if_right(form, found), scenario),
    )


@blueprint.post("/<int:scenario_id>/duplicate")
@requires(Capability.MANAGE_PLANS)
def duplicate(scenario_id: int) -> ResponseReturnValue:
    """A copy of one's own to go on from."""
    with transaction() as work:
        name = queries.get_scenario(work.session, scope(), scenario_id).name
        words = _("Copy of %(name)s", name=name)[:NAME_LENGTH]
        copy_id = scenarios.duplicate(work, scope(), scenario_id, name=words, now=clock.now()).id
    flash(_("This copy is yours. Change it and store it."), "success")
    return redirect(url_for("scenarios.edit", scenario_id=copy_id))


@blueprint.post("/<int:scenario_id>/remove")
@requires(Capability.MANAGE_PLANS)
def remove(scenario_id: int) -> ResponseReturnValue:
    """Take a scenario away."""
    with transaction() as work:
        name = scenarios.remove(work, scope(), scenario_id, now=clock.now())
    flash(_("The scenario “%(name)s” is deleted.", name=name), "success")
    return redirect(url_for("scenarios.index"))


@blueprint.get("/<int:scenario_id>/compare/<int:other_id>")
@requires(Capability.VIEW_AGENCY_FIGURES)
def compare(scenario_id: int, other_id: int) -> ResponseReturnValue:
    """Two scenarios of one instrument and year side by side."""
    pair = scenarios.pair(db.session(), scope(), scenario_id, other_id)
    found = scenarios.ground_of(db.session(), scope(), pair[0], now=clock.now())
    answers = [found.answer(found.wanted(each)) for each in pair]
    present = found.present.levels
    return render_template(
        "scenarios/compare.html",
        pair=pair,
        found=found,
        answers=answers,
        rows=[n for n in present if any(each.levels[n] != present[n] for each in answers)],
        by_agency=[{each.slug: each for each in one.agencies} for one in answers],
    )


def _start() -> tuple[str, int] | None:
    """The instrument and year that a new what-if is about: those of the chosen plan, else of the newest assessment."""
    plan = selected_plan()
    if plan is not None:
        return plan.instrument_id, plan.year
    rows = assessments.list_assessments(db.session(), scope())
    return (rows[0].Assessment.instrument_id, rows[0].Assessment.year) if rows else None


def _ground(instrument_id: str, year: int) -> Ground:
    return scenarios.ground(db.session(), scope(), instrument_id, year, now=clock.now())


def _create(form: ScenarioForm, found: Ground) -> ResponseReturnValue:
    with transaction() as work:
        scenario_id = scenarios.create(
            work,
            scope(),
            found,
            name=form.name.data,
            levels=form.levels(found),
            is_shared=form.is_shared.data,
            now=clock.now(),
        ).id
    flash(_("The scenario “%(name)s” is stored.", name=form.name.data), "success")
    return redirect(url_for("scenarios.show", scenario_id=scenario_id))


def _change(form: ScenarioForm, scenario: Scenario, found: Ground) -> ResponseReturnValue:
    with transaction() as work:
        scenarios.change(
            work,
            scope(),
            scenario.id,
            name=form.name.data,
            levels=form.levels(found),
            is_shared=form.is_shared.data if "is_shared" in form else scenario.is_shared,
            version=form.version.data,
            now=clock.now(),
        )
    flash(_("The scenario “%(name)s” is stored.", name=form.name.data), "success")
    return redirect(url_for("scenarios.show", scenario_id=scenario.id))


def _page(form: ScenarioForm, found: Ground, figures: Answer | None, scenario: Scenario | None = None) -> str:
    if scenario is not None:
        form.carry(scenario.version)
    return render_template("scenarios/edit.html", form=form, found=found, scenario=scenario, answer=figures)


def _answer(form: ScenarioForm, found: Ground) -> Answer:
    return found.answer(form.levels(found))


def _answer_if_right(form: ScenarioForm, found: Ground) -> Answer | None:
    """The figures; None while a level has to be mended first."""
    is_wrong = any(name.startswith("level_") for name in form.errors if name)
    return None if is_wrong else _answer(form, found)
