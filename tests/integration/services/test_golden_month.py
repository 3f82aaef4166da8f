"""Five weeks of thirty-five agencies: exactly the mails of the reviewed table, no more, no less, none twice."""

import csv
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from spbe_tasks.models import Account, EvidenceUse, ReminderIntent, Submission, SuppressionReason, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.preferences import Cadence, Preference
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import mail_preferences, suppressions
from spbe_tasks.work import Work
from tests import factories, golden_month
from tests.golden_month import LONG_AGO, Row, ScriptedTask
from tests.mail_days import Mailed, act_out

TABLE = Path(__file__).parents[2] / "data" / "golden_month.csv"
STATES = {"agency": State.IN_PROGRESS, "review": State.SUBMITTED, "closed": State.ACCEPTED}


def _table() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    return [(day, person, mail, tells) for day, person, mail, tells in rows]


def test_the_reviewed_table_is_what_the_contract_asks_for_day_by_day() -> None:
    assert golden_month.Oracle().run() == _table()


class Month:
    """The script on real rows of one government."""

    def __init__(self, work: Work, zone: str) -> None:
        self.work, self.zone = work, zone
        self.people: dict[str, Account] = {}
        self.names: dict[tuple[int | None, int | None], str] = {}
        self.scripted = {task.name: task for task in golden_month.tasks()}
        self.rows: dict[str, Task] = {}
        self.government = factories.government(work.session, timezone=zone)
        self._people_and_tasks()
        self._choices()

    def _people_and_tasks(self) -> None:
        session, plan = self.work.session, factories.plan(self.work.session, self.government)
        for name, role in (
            ("coordinator", Role.COORDINATOR),
            ("sekda", Role.EXECUTIVE),
            ("reviewer", Role.REVIEWER),
        ):
            self.people[name] = factories.account(session, self.government, role)
        for number in golden_month.AGENCIES:
            agency = factories.agency(session, self.government)
            wanted = {f"pic{number:02}": Role.FOCAL_POINT, f"head{number:02}": Role.AGENCY_HEAD}
            if number in golden_month.WITHOUT_FOCAL_POINT:
                del wanted[f"pic{number:02}"]
            if number in golden_month.WITHOUT_HEAD:
                del wanted[f"head{number:02}"]
            if number == 16:
                wanted["pic16x"] = Role.FOCAL_POINT
            for name, role in wanted.items():
                self.people[name] = factories.account(session, self.government, role, agency)
            for indicator, name in ((33, f"T{number:02}a"), (34, f"T{number:02}b")):
                row = factories.task(session, plan, agency, indicator)
                self.rows[name], self.names[row.id, None] = row, name
                self._write(self.scripted[name])
        self.by_id = {account.id: name for name, account in self.people.items()}

    def _choices(self) -> None:
        work, now = self.work, self.at(LONG_AGO)
        for name in golden_month.WEEKLY:
            mail_preferences.store(work, self.people[name].id, Preference(Cadence.WEEKLY), now=now)
        for name in golden_month.NEVER:
            mail_preferences.store(work, self.people[name].id, Preference(Cadence.NEVER), now=now)
        for name in golden_month.BOUNCED:
            suppressions.suppress(work, self.people[name], SuppressionReason.BOUNCED, "550", now=now)
        first, last = golden_month.AWAY
        absent, acting = self.people[golden_month.ABSENT], self.people[golden_month.ACTING]
        factories.acting_officer(work.session, absent, acting, from_on=first, until_on=last)
        for number, last_day in golden_month.EVIDENCE.items():
            person = self.people[f"pic{number:02}"]
            evidence = factories.evidence(work.session, person, "0" * 64, expires_on=last_day)
            self.names[None, evidence.id] = f"E{number:02}"
            self._use(self.rows[f"T{number:02}b"], evidence.id, person)

    def _use(self, task: Task, evidence_id: int, person: Account) -> None:
        use: dict[str, Any] = {"level": 3, "letter": "a", "added_at": self.at(LONG_AGO)}
        self.work.session.add(
            EvidenceUse(
                government_id=task.government_id,
                task_id=task.id,
                evidence_id=evidence_id,
                added_by_id=person.id,
                **use,
            )
        )

    def at(self, day: Any, hour: int = 10) -> datetime:
        """An instant of a local day."""
        return datetime.combine(day, time(hour), ZoneInfo(self.zone)).astimezone(UTC)

    def _write(self, scripted: ScriptedTask) -> None:
        row = self.rows[scripted.name]
        row.due_on, row.due_version = scripted.due_on, scripted.version
        row.assignee_id = self.people[scripted.assignee].id if scripted.assignee else None
        row.state, row.state_changed_at = STATES[scripted.state], self.at(scripted.changed_on, 8)
        row.reached_level = row.target_level if scripted.state == "closed" else None
        if scripted.state == "review":
            self.work.session.add(
                Submission(
                    government_id=row.government_id,
                    task_id=row.id,
                    number=scripted.submissions,
                    note="",
                    submitted_by_id=self.people[f"pic{scripted.agency:02}"].id,
                    submitted_at=self.at(scripted.changed_on, 8),
                )
            )

    def run(self) -> list[Row]:
        """The mail of every day on which workers run, several times a day."""
        found: list[Row] = []
        for day in golden_month.days():
            for scripted in golden_month.happen(day, self.scripted):
                self._write(scripted)
            if day in golden_month.OUTAGE:
                continue
            mails = [
                mail
                for hour in (6, 8, 10, 15, 17)
                for mail in act_out(self.work, self.government.id, now=self.at(day, hour))
            ]
            rows = [(day.isoformat(), *self._told(mail)) for mail in mails]
            found += sorted(rows, key=lambda row: row[1:3])
        return found

    def _told(self, mail: Mailed) -> tuple[str, str, str]:
        intents = select(ReminderIntent.task_id, ReminderIntent.evidence_id, ReminderIntent.rung)
        told = self.work.session.execute(intents.where(ReminderIntent.id.in_(mail.body.intent_ids)))
        lines = sorted(f"{self.names[task, evidence]} {rung}" for task, evidence, rung in told)
        return self.by_id[mail.account_id], mail.kind.value, "; ".join(lines)


@pytest.mark.parametrize("zone", ["Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura"])
def test_five_weeks_of_thirty_five_agencies_cause_exactly_the_mails_of_the_table(
    work: Work, zone: str
) -> None:
    found = Month(work, zone).run()
    expected = _table()
    assert [row for row in found if row not in expected] == []
    assert [row for row in expected if row not in found] == []
    assert found == expected


def test_the_table_has_every_kind_of_rung_and_nobody_is_told_anything_twice() -> None:
    told = [
        (person, line)
        for _, person, _, tells in _table()
        for line in tells.split("; ")
        if tells and not line.startswith(("T02", "T04a", "T05a", "T06a", "T18a", "T21a", "T16a"))
    ]
    assert len(told) == len(set(told))
    rungs = {line.split(" ")[1].rstrip("0123456789") for _, line in told}
    assert rungs >= {"due", "due-", "overdue+", "review+", "expiry-", "expiry", "escalation:agency_head"}


def test_no_mail_of_the_table_leaves_on_a_day_off_or_during_the_outage() -> None:
    leaving = {row[0] for row in _table()}
    off = golden_month.OFF | golden_month.OUTAGE
    weekend = {day for day in golden_month.days() if day.weekday() > 4}
    assert not leaving & {day.isoformat() for day in off | weekend}
    assert (golden_month.FIRST + timedelta(days=8)).isoformat() in leaving  # the day after the outage
