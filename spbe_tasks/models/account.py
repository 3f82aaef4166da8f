"""Agencies and the people who sign in."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from spbe_tasks.models.base import Model, big_id, created_instant, enum_column, government_fk
from spbe_tasks.models.government import Government
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.succession import SuccessionKind


class Agency(Model):
    """A perangkat daerah (OPD) of a government."""

    __tablename__ = "agency"
    __table_args__ = (UniqueConstraint("government_id", "slug"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    slug: Mapped[str]
    name: Mapped[str]
    short_name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[created_instant]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class AgencySuccession(Model):
    """Which agency took over from a closed one, when and how: by a merger or a division."""

    __tablename__ = "agency_succession"
    __table_args__ = (Index("ix_agency_succession_agency", "government_id", "agency_id"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id", ondelete="RESTRICT"))
    successor_id: Mapped[int] = mapped_column(ForeignKey("agency.id", ondelete="RESTRICT"))
    kind: Mapped[SuccessionKind] = mapped_column(enum_column(SuccessionKind, "kind"))
    at: Mapped[datetime]


class Account(Model):
    """A person who may sign in. Administrators belong to the installation, all others to one government."""

    __tablename__ = "account"
    __table_args__ = (
        Index("uq_account_email_lower", text("lower(email)"), unique=True),
        CheckConstraint(
            "(role = 'administrator') = (government_id IS NULL)", name="administrator_has_no_government"
        ),
        CheckConstraint(
            "role NOT IN ('focal_point', 'agency_head') OR agency_id IS NOT NULL",
            name="agency_role_has_agency",
        ),
        Index("ix_account_government_agency", "government_id", "agency_id"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int | None] = mapped_column(ForeignKey("government.id", ondelete="RESTRICT"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id", ondelete="RESTRICT"))
    email: Mapped[str]
    name: Mapped[str]
    position: Mapped[str | None]
    role: Mapped[Role] = mapped_column(enum_column(Role, "role"))
    locale: Mapped[str] = mapped_column(default="id")
    password_hash: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_illustrative: Mapped[bool] = mapped_column(default=False)
    session_version: Mapped[int] = mapped_column(default=1)
    invited_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    # The digest of the secret in this person's calendar address; none: no calendar is given out.
    calendar_digest: Mapped[str | None] = mapped_column(unique=True)
    # The saved view that the list of tasks opens with.
    default_view_id: Mapped[int | None] = mapped_column(
        ForeignKey("saved_view.id", ondelete="SET NULL", use_alter=True)
    )
    created_at: Mapped[created_instant]
    version: Mapped[int] = mapped_column(default=1)

    # What Flask-Login asks of a person.
    is_authenticated = True
    is_anonymous = False

    government: Mapped[Government | None] = relationship(lazy="raise")
    agency: Mapped[Agency | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}

    def get_id(self) -> str:
        """What a session keeps: the id, and a version that a new password raises, ending older sessions."""
        return f"{self.id}:{self.session_version}"


class ApiKey(Model):
    """A key by which a program reads through a person's eyes; only its digest is kept."""

    __tablename__ = "api_key"

    id: Mapped[big_id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    government_id: Mapped[int] = government_fk()
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    last_used_on: Mapped[date | None]


class Ownership(Model):
    """A cell of the ownership matrix (matriks penanggung jawab): an agency answers for an indicator."""

    __tablename__ = "ownership"
    __table_args__ = (
        UniqueConstraint("government_id", "instrument_id", "indicator_number", "agency_id"),
        Index(
            "uq_ownership_one_lead",
            "government_id",
            "instrument_id",
            "indicator_number",
            unique=True,
            postgresql_where="is_lead",
        ),
        CheckConstraint(
            "(share_numerator IS NULL) = (share_denominator IS NULL) "
            "AND share_numerator >= 0 AND share_numerator <= share_denominator AND share_denominator > 0",
            name="share_is_a_part",
        ),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    instrument_id: Mapped[str]
    indicator_number: Mapped[int]
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id", ondelete="RESTRICT"), index=True)
    is_lead: Mapped[bool]
    # A part of 1; NULL in every cell of the indicator means equal parts.
    share_numerator: Mapped[int | None]
    share_denominator: Mapped[int | None]
    created_at: Mapped[created_instant]
