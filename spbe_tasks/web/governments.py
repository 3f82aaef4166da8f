"""Governments: the administrator's list, opening and choosing one; and the settings of the chosen one."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import GovernmentKind
from spbe_tasks.readers.images import Limits, read_picture
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import governments, national
from spbe_tasks.services.queries import government_deletions
from spbe_tasks.services.queries import governments as queries
from spbe_tasks.stored_files import storage
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import CHOSEN_GOVERNMENT, government, person, requires
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.file_answers import picture
from spbe_tasks.web.forms.governments import GovernmentForm, LogoForm, SettingsForm
from spbe_tasks.web.paging import page_number

blueprint = Blueprint("governments", __name__)
LOGO_LIMITS = Limits(size=512 * 1024, side=2048)
A_YEAR = 31_536_000


@blueprint.get("/governments")
@requires(Capability.MANAGE_GOVERNMENTS, needs_government=False)
def index() -> ResponseReturnValue:
    """All governments of the installation."""
    text = request.args.get("q", "").strip()
    page = page_number()
    return render_template(
        "governments/index.html",
        rows=queries.list_government_rows(db.session(), text, page=page),
        total=queries.count_matching(db.session(), text),
        page=page,
        text=text,
        per_page=queries.PAGE_SIZE,
    )


@blueprint.get("/governments/deleted")
@requires(Capability.MANAGE_GOVERNMENTS, needs_government=False)
def deleted() -> ResponseReturnValue:
    """What is left of the governments that were deleted: when, by whom, how much."""
    return render_template("governments/deleted.html", rows=government_deletions.list_done(db.session()))


@blueprint.route("/governments/new", methods=["GET", "POST"])
@requires(Capability.MANAGE_GOVERNMENTS, needs_government=False)
def create() -> ResponseReturnValue:
    """Open a government and go to work in it."""
    form = GovernmentForm(timezone="Asia/Jakarta")
    return answer_form(
        form, lambda: _create(form), lambda: render_template("governments/new.html", form=form)
    )


def _create(form: GovernmentForm) -> ResponseReturnValue:
    with transaction() as work:
        opened = governments.create(
            work,
            form.name.data,
            GovernmentKind(form.kind.data),
            timezone=form.timezone.data,
            slug=form.slug.data,
            actor_id=person().id,
            now=clock.now(),
        )
        session[CHOSEN_GOVERNMENT] = opened.id
        flash(
            _("%(name)s is open. Look at its settings, then enter agencies and people.", name=opened.name),
            "success",
        )
    return redirect(url_for("governments.settings"))


@blueprint.post("/governments/<int:government_id>/choose")
@requires(Capability.MANAGE_GOVERNMENTS, needs_government=False)
def choose(government_id: int) -> ResponseReturnValue:
    """Work in this government from now on."""
    chosen = queries.get_government(db.session(), government_id)
    session[CHOSEN_GOVERNMENT] = chosen.id
    flash(_("You now work in %(name)s.", name=chosen.name), "success")
    return redirect(url_for("governments.settings"))


@blueprint.route("/settings", methods=["GET", "POST"])
@requires(Capability.MANAGE_GOVERNMENT)
def settings() -> ResponseReturnValue:
    """Name, zone, mails and logo of the government."""
    form = _settings_form()
    return answer_form(form, lambda: _store_settings(form), lambda: _show_settings(form))


def _settings_form(**options: Any) -> SettingsForm:
    form = SettingsForm(obj=government(), **options)
    form.offer_names(national.names(government()))
    return form


def _show_settings(form: SettingsForm, logo_form: LogoForm | None = None) -> str:
    form.carry(government().version)
    return render_template(
        "governments/settings.html", form=form, logo_form=logo_form or LogoForm(formdata=None)
    )


def _store_settings(form: SettingsForm) -> ResponseReturnValue:
    with transaction() as work:
        governments.change_settings(
            work,
            government().id,
            form.settings,
            version=form.version.data,
            actor_id=person().id,
            now=clock.now(),
        )
    flash(_("The settings are stored."), "success")
    return redirect(url_for("governments.settings"))


@blueprint.post("/settings/logo")
@requires(Capability.MANAGE_GOVERNMENT)
def set_logo() -> ResponseReturnValue:
    """Store a picture, then refer to it."""
    form = LogoForm()
    return answer_form(
        form,
        lambda: _store_logo(form),
        lambda: _show_settings(_settings_form(formdata=None), form),
    )


def _store_logo(form: LogoForm) -> ResponseReturnValue:
    content = form.file.data.read(LOGO_LIMITS.size + 1) if form.file.data else b""
    read_picture(content, LOGO_LIMITS)
    key = storage().put(content)
    return _refer_to_logo(key, _("The logo is stored."))


@blueprint.post("/settings/logo/remove")
@requires(Capability.MANAGE_GOVERNMENT)
def remove_logo() -> ResponseReturnValue:
    """Go back to the product's own mark."""
    return _refer_to_logo(None, _("The logo is removed."))


def _refer_to_logo(key: str | None, done: str) -> ResponseReturnValue:
    with transaction() as work:
        governments.set_logo(work, government().id, key, actor_id=person().id, now=clock.now())
    flash(done, "success")
    return redirect(url_for("governments.settings"))


@blueprint.get("/logo/<key>")
@requires(Capability.OWN_PROFILE)
def logo(key: str) -> ResponseReturnValue:
    """The logo of one's own government. Its address names its content, so a browser keeps it for good."""
    if key != government().logo_key:
        raise NotFoundError
    return picture(key, is_public=False, max_age=A_YEAR)
