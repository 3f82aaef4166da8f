"""The discussion of a task: reading all of it, saying something, changing and removing what was said."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Comment
from spbe_tasks.rules import discussion as rules
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.discussion import Written
from spbe_tasks.rules.errors import ForbiddenError
from spbe_tasks.services import comments, instruments
from spbe_tasks.services.queries import discussion as queries
from spbe_tasks.services.queries import tasks as task_queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.comments import CommentForm
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.task_parts import blueprint
from spbe_tasks.web.task_words import title_of

__all__ = ["blueprint"]  # the lists' blueprint, with the discussion's routes added here


@blueprint.route("/<int:task_id>/comments", methods=["GET", "POST"])
@requires(Capability.VIEW_TASKS)
def discuss(task_id: int) -> ResponseReturnValue:
    """Everything that was said about the task, and a form to say more."""
    form = CommentForm()
    return answer_form(form, lambda: _write(form, task_id), lambda: _page(form, task_id))


@blueprint.route("/comments/<int:comment_id>", methods=["GET", "POST"])
@requires(Capability.VIEW_TASKS)
def edit_comment(comment_id: int) -> ResponseReturnValue:
    """Say it better; only the author, and only for a while."""
    comment = queries.get_comment(db.session(), scope(), comment_id)
    if comment.author_id != scope().account_id:
        raise ForbiddenError("comment.not_yours")
    form = CommentForm(data=_as_said(comment))
    return answer_form(form, lambda: _edit(form, comment_id), lambda: _edit_page(form, comment_id))


@blueprint.post("/comments/<int:comment_id>/remove")
@requires(Capability.VIEW_TASKS)
def remove_comment(comment_id: int) -> ResponseReturnValue:
    """Take it away; its place stays."""
    with transaction() as work:
        task_id = comments.remove(work, scope(), comment_id, now=clock.now())
    flash(_("The comment is removed."), "success")
    return redirect(url_for("tasks.show", task_id=task_id, _anchor="discussion"))


@blueprint.app_template_global("comment_rights")
def comment_rights(author_id: int, written_at: str | datetime, *, is_removed: bool) -> dict[str, bool]:
    """What the reader may do with a comment now. A moment from a bundle is still text."""
    at = datetime.fromisoformat(written_at) if isinstance(written_at, str) else written_at
    written, now = Written(author_id, at, is_removed), clock.now()
    return {
        "edit": rules.may_edit(written, scope(), now),
        "remove": rules.may_remove(written, scope(), now),
    }


def _write(form: CommentForm, task_id: int) -> ResponseReturnValue:
    with transaction() as work:
        comment_id = comments.write(work, scope(), task_id, form.said, now=clock.now()).id
    flash(_("Your comment is added."), "success")
    return _to_comment(task_id, comment_id)


def _edit(form: CommentForm, comment_id: int) -> ResponseReturnValue:
    with transaction() as work:
        comment = comments.edit(
            work, scope(), comment_id, form.said, version=form.version.data, now=clock.now()
        )
        task_id = comment.task_id
    flash(_("Your comment is changed."), "success")
    return _to_comment(task_id, comment_id)


def _to_comment(task_id: int, comment_id: int) -> ResponseReturnValue:
    return redirect(url_for("tasks.show", task_id=task_id, _anchor=f"comment-{comment_id}"))


def _as_said(comment: Comment) -> dict[str, Any]:
    mentioned = queries.list_mentioned_ids(db.session(), comment)
    return {"body": comment.body, "mentioned_ids": sorted(mentioned), "version": comment.version}


def _page(form: CommentForm, task_id: int, *, comment: Comment | None = None, is_stale: bool = False) -> str:
    task = task_queries.get_task(db.session(), scope(), task_id)
    instrument = instruments.of(db.session(), task.plan)
    return render_template(
        "tasks/discussion.html",
        task=task,
        title=title_of(task.title, instrument.indicator(task.indicator_number), current_locale()),
        rows=() if comment else queries.list_comments(db.session(), task),
        people=queries.list_readers(db.session(), task),
        comment=comment,
        is_stale=is_stale,
        form=form,
    )


def _edit_page(form: CommentForm, comment_id: int) -> str:
    """The form, with what the comment says now if that is no longer what was changed."""
    comment = queries.get_comment(db.session(), scope(), comment_id, is_fresh=True)
    is_stale = form.is_submitted() and form.version.data != comment.version
    form.carry(comment.version)
    return _page(form, comment.task_id, comment=comment, is_stale=is_stale)
