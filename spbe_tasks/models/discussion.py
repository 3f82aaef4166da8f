"""Comments on tasks, who is mentioned in them, and what a person is told in the product."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, enum_column, government_fk
from spbe_tasks.rules.news import NewsKind


class Comment(Model):
    """What somebody says about a task, in Markdown. Its author may change it for a while; removing it empties it."""

    __tablename__ = "comment"
    __table_args__ = (Index("ix_comment_task", "task_id", "id"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"))
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    body: Mapped[str]
    written_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class CommentMention(Model):
    """A person a comment is addressed to."""

    __tablename__ = "comment_mention"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), primary_key=True)
    government_id: Mapped[int] = government_fk()


class News(Model):
    """One thing a person is told: at the bell at once, and in one mail. ``message_id`` is the mail that carries it."""

    __tablename__ = "news"
    __table_args__ = (
        Index("ix_news_account", "account_id", "id"),
        Index("ix_news_unseen", "account_id", postgresql_where="seen_at IS NULL"),
        Index("ix_news_unseen_task", "task_id", postgresql_where="seen_at IS NULL"),
        Index(
            "ix_news_untold",
            "government_id",
            "account_id",
            postgresql_where="message_id IS NULL AND told_at IS NULL",
        ),
        Index("ix_news_message", "message_id", postgresql_where="message_id IS NOT NULL"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    kind: Mapped[NewsKind] = mapped_column(enum_column(NewsKind, "news_kind"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"), index=True)
    # Whose doing it is; none is the machine. ``words`` is a line of what they wrote.
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    words: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    # The mail it stands in; ``told_at`` is when that left, or when no mail was wanted.
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="RESTRICT"))
    told_at: Mapped[datetime | None]
