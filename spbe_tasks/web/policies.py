"""The policy of a plan: its form with a preview, storing it, generating by it, and its versions."""

from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.messages import describe
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.policy_review import differences
from spbe_tasks.services import (
    baselines,
    conflicts,
    instruments,
    plans,
    policies,
    policy_reviews,
    scenarios,
)
from spbe_tasks.services.generated import Generated
from spbe_tasks.services.orders import Order
from spbe_tasks.services.queries import governments, people
from spbe_tasks.services.queries import plans as queries
from spbe_tasks.services.queries import scenarios as scenario_queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.policies import Adopted, Ground, PolicyForm, policy_form
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.plans import blueprint, flash_done
from spbe_tasks.web.policy_words import difference_words

__all__ = ["blueprint"]  # the plan's blueprint, with the policy's routes added here


@blueprint.route("/<instrument_id>/<int:year>/generate", methods=["GET", "POST"])
@requires(Capability.MANAGE_PLANS)
def generate(instrument_id: str, year: int) -> ResponseReturnValue:
    """The policy of a plan, what it would do, and doing it; begun from the scenario in the address, if any."""
    ground = _ground(instrument_id, year)
    form = policy_form(ground)
    return answer_form(
        form,
        lambda: _store(form, form.order(ground.instrument, year), ground),
        lambda: _page(form, ground, year),
    )


@blueprint.get("/<instrument_id>/policies")
@requires(Capability.MANAGE_PLANS)
def versions(instrument_id: str) -> ResponseReturnValue:
    """Every version of the policy, newest first, with what it changed."""
    instrument = instruments.get(db.session(), government().id, instrument_id)
    found = policies.list_versions(db.session(), scope(), instrument_id)
    names = {each.slug: each.short_name for each in people.list_agencies(db.session(), scope())}
    older = [*found[1:], None]
    changes = [
        [difference_words(each, instrument, names) for each in differences(before.policy, version.policy)]
        if before
        else []
        for version, before in zip(found, older, strict=False)
    ]
    return render_template(
        "policies/versions.html", instrument=instrument, versions=list(zip(found, changes, strict=True))
    )


def _ground(instrument_id: str, year: int) -> Ground:
    session = db.session()
    return Ground(
        instrument=instruments.get(db.session(), government().id, instrument_id),
        year=year,
        plan=queries.find_plan(session, scope().government_id, instrument_id, year),
        before=policies.standing(session, scope(), instrument_id, year),
        possible=baselines.list_possible(session, scope(), instrument_id, year),
        agencies=people.list_agencies(session, scope(), active_only=True),
        today=clock.today(government().timezone),
        adopted=_adopted(instrument_id, year),
        promised=_promised(year),
    )


def _promised(year: int) -> Decimal | None:
    """A plan after the assessment of one year is judged by that of the next."""
    target = governments.find_index_target(db.session(), scope().government_id, year + 1)
    return target.value if target else None


def _adopted(instrument_id: str, year: int) -> Adopted | None:
    if "scenario" not in request.args:
        return None
    scenario_id = request.args.get("scenario", 0, type=int)
    scenario = scenario_queries.get_scenario(db.session(), scope(), scenario_id)
    if (scenario.instrument_id, scenario.year) != (instrument_id, year):
        raise NotFoundError("scenario.not_found")
    found = scenarios.ground_of(db.session(), scope(), scenario, now=clock.now())
    return Adopted(scenario.name, scenarios.targets(found, scenario))


def _store(form: PolicyForm, order: Order, ground: Ground) -> ResponseReturnValue:
    if form.store.data:
        with transaction() as work:
            done = plans.generate(work, scope(), order, now=clock.now())
        flash_done(done)
    elif form.store_only.data:
        with transaction() as work:
            number = plans.store_policy(work, scope(), order, now=clock.now()).number
        words = _("Version %(number)s of the policy is stored. No task was changed.", number=number)
        flash(words, "success")
    else:
        seen = plans.preview(db.session(), scope(), order, now=clock.now())
        return _page(form, ground, order.year, seen)
    return redirect(url_for("plans.index", year=order.year))


def _page(form: PolicyForm, ground: Ground, year: int, seen: Generated | None = None) -> str:
    instrument = ground.instrument
    if not form.is_submitted():
        seen = plans.preview(db.session(), scope(), form.order(instrument, year), now=clock.now())
    form.follow(ground)
    names = {each.slug: each.short_name for each in ground.agencies}
    review = (
        policy_reviews.review(db.session(), scope(), seen, target_index=form.target_index.data)
        if seen
        else None
    )
    return render_template(
        "policies/edit.html",
        form=form,
        plan=ground.plan,
        before=ground.before,
        adopted=ground.adopted,
        instrument=instrument,
        agencies=ground.agencies,
        year=year,
        seen=seen,
        review=review,
        warnings=[describe(each, current_locale()) for each in review.warnings] if review else [],
        differences=[difference_words(each, instrument, names) for each in review.differences]
        if review
        else [],
        conflicts=conflicts.listed(db.session(), scope(), seen) if seen else (),
    )
