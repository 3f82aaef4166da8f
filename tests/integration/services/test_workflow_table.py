"""Every state x action x person, on real rows: what happens and what the page offers, against tables written by hand.

The people, by letter. Two submissions stand on the submitted task: K's own, and one that D made in B's position.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from spbe_tasks.models import Submission, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import SpbeError
from spbe_tasks.rules.workflow import Action, CancelKind, State
from spbe_tasks.services import task_sheets, tasks
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

PEOPLE = {
    "C": "a coordinator of no agency",
    "O": "a coordinator of another agency",
    "K": "a coordinator of the agency, who submitted this round and asked for more time",
    "B": "a coordinator of the agency, in whose position somebody submitted",
    "R": "a reviewer",
    "D": "a reviewer, who submitted in B's position",
    "A": "a reviewer acting for K",
    "F": "a focal point of the agency",
    "G": "a focal point of another agency",
    "P": "the same acting for F",
    "H": "the agency's head",
    "E": "an executive",
    "M": "an administrator",
}
# What comes of it: "+" the state on the left of the row; the rest are refusals.
CODES = {
    "-": "task.action_forbidden",
    "0": "task.not_found",
    "4": "task.four_eyes",
    "n": "extension.none_asked",
    "a": "extension.asked_already",
    "e": "extension.four_eyes",
    "y": "extension.not_yours",
}
# A row that is missing is an action that the state does not allow: to whoever sees the task.
TABLES = {
    "planned": """
                        C O K B R D A F G P H E M
        assigned    publish               + + + + - - + 0 0 0 0 - -
        planned     assign                + + + + - - + 0 0 0 0 - -
        planned     reschedule            + + + + - - + 0 0 0 0 - -
        cancelled   cancel                + + + + - - + 0 0 0 0 - -
        planned     divide                + + + + - - + 0 0 0 0 - -
        planned     arrange               + + + + - - + 0 0 0 0 - -
        -           withdraw              - - - - - - - 0 0 0 0 - -
        -           merge                 - - - - - - - 0 0 0 0 - -
    """,
    "assigned": """
                        C O K B R D A F G P H E M
        in_progress start                 - - + + - - + + 0 + - - -
        assigned    claim                 - - + + - - + + 0 + - - -
        assigned    assign                + + + + - - + + 0 + - - -
        assigned    ask_extension         - - + + - - + + 0 + - - -
        -           grant_extension       n n n n - - n - 0 - - - -
        -           refuse_extension      n n n n - - n - 0 - - - -
        -           take_back_extension   - - n n - - n n 0 n - - -
        assigned    reschedule            + + + + - - + - 0 - - - -
        cancelled   cancel                + + + + - - + - 0 - - - -
        assigned    adopt                 + + + + - - + - 0 - - - -
        assigned    divide                + + + + - - + + 0 + - - -
        assigned    arrange               + + + + - - + + 0 + - - -
        -           withdraw              - - - - - - - - 0 - - - -
        -           merge                 - - - - - - - - 0 - - - -
    """,
    "in_progress": """
                        C O K B R D A F G P H E M
        in_progress claim                 - - + + - - + + 0 + - - -
        submitted   submit                - - + + - - + + 0 + - - -
        blocked     block                 - - + + - - + + 0 + - - -
        in_progress assign                + + + + - - + + 0 + - - -
        in_progress ask_extension         - - + + - - + + 0 + - - -
        -           grant_extension       n n n n - - n - 0 - - - -
        -           refuse_extension      n n n n - - n - 0 - - - -
        -           take_back_extension   - - n n - - n n 0 n - - -
        in_progress reschedule            + + + + - - + - 0 - - - -
        cancelled   cancel                + + + + - - + - 0 - - - -
        in_progress adopt                 + + + + - - + - 0 - - - -
        in_progress divide                + + + + - - + + 0 + - - -
        in_progress arrange               + + + + - - + + 0 + - - -
        -           merge                 - - - - - - - - 0 - - - -
    """,
    "blocked": """
                        C O K B R D A F G P H E M
        blocked     claim                 - - + + - - + + 0 + - - -
        in_progress unblock               - - + + - - + + 0 + - - -
        blocked     assign                + + + + - - + + 0 + - - -
        blocked     ask_extension         - - + + - - + + 0 + - - -
        -           grant_extension       n n n n - - n - 0 - - - -
        -           refuse_extension      n n n n - - n - 0 - - - -
        -           take_back_extension   - - n n - - n n 0 n - - -
        blocked     reschedule            + + + + - - + - 0 - - - -
        cancelled   cancel                + + + + - - + - 0 - - - -
        blocked     adopt                 + + + + - - + - 0 - - - -
        blocked     divide                + + + + - - + + 0 + - - -
        blocked     arrange               + + + + - - + + 0 + - - -
        -           merge                 - - - - - - - - 0 - - - -
    """,
    "submitted": """
                        C O K B R D A F G P H E M
        accepted    accept                + + 4 4 + 4 4 - 0 - - - -
        returned    return                + + + + + + + - 0 - - - -
        in_progress recall                - - + + - - + + 0 + - - -
        submitted   assign                + + + + - - + + 0 + - - -
        -           grant_extension       n n n n - - n - 0 - - - -
        -           refuse_extension      n n n n - - n - 0 - - - -
        -           take_back_extension   - - n n - - n n 0 n - - -
        submitted   reschedule            + + + + - - + - 0 - - - -
        cancelled   cancel                + + + + - - + - 0 - - - -
        submitted   divide                + + + + - - + + 0 + - - -
        submitted   arrange               + + + + - - + + 0 + - - -
        -           merge                 - - - - - - - - 0 - - - -
    """,
    "returned": """
                        C O K B R D A F G P H E M
        in_progress start                 - - + + - - + + 0 + - - -
        returned    claim                 - - + + - - + + 0 + - - -
        submitted   submit                - - + + - - + + 0 + - - -
        returned    assign                + + + + - - + + 0 + - - -
        returned    ask_extension         - - + + - - + + 0 + - - -
        -           grant_extension       n n n n - - n - 0 - - - -
        -           refuse_extension      n n n n - - n - 0 - - - -
        -           take_back_extension   - - n n - - n n 0 n - - -
        returned    reschedule            + + + + - - + - 0 - - - -
        cancelled   cancel                + + + + - - + - 0 - - - -
        returned    adopt                 + + + + - - + - 0 - - - -
        returned    divide                + + + + - - + + 0 + - - -
        returned    arrange               + + + + - - + + 0 + - - -
        -           merge                 - - - - - - - - 0 - - - -
    """,
    "accepted": """
                        C O K B R D A F G P H E M
        in_progress reopen                + + + + - - + - 0 - - - -
        -           merge                 - - - - - - - - 0 - - - -
    """,
    "cancelled": """
                        C O K B R D A F G P H E M
        assigned    reopen                + + + + - - + - 0 - - - -
        -           merge                 - - - - - - - - 0 - - - -
    """,
    "withdrawn": """
                        C O K B R D A F G P H E M
        -           restore               - - - - - - - - 0 - - - -
    """,
}
# While K's request for more time waits; what is not here is as above.
WITH_REQUEST = """
                        C O K B R D A F G P H E M
        same        ask_extension         - - a a - - a a 0 a - - -
        same        grant_extension       + + e + - - e - 0 - - - -
        same        refuse_extension      + + e + - - e - 0 - - - -
        same        take_back_extension   - - + y - - + y 0 y - - -
        same        reschedule            + + e + - - e - 0 - - - -
"""
GIVEN: Mapping[str, object] = {
    "reason": "Dokumen belum ditandatangani.",
    "note": "SK terlampir.",
    "reached_level": Decimal(3),
    "cancel_kind": CancelKind.GIVEN_UP,
    "due_on": date(2026, 12, 1),
}
Row = tuple[str, dict[str, str]]  # the state afterwards, and what comes of it by person


def parsed(table: str) -> dict[str, Row]:
    heading, *lines = [line.split() for line in table.strip().splitlines()]
    assert heading == list(PEOPLE)
    return {action: (after, dict(zip(PEOPLE, marks, strict=True))) for after, action, *marks in lines}


class Office:
    """One task in a state, with whoever may meet it."""

    def __init__(self, session: Session, state: State) -> None:
        self.session = session
        home = factories.government(session)
        own, other = (factories.agency(session, home) for _ in range(2))
        accounts = {
            letter: factories.account(session, home, role, agency)
            for letter, role, agency in (
                ("C", Role.COORDINATOR, None),
                ("O", Role.COORDINATOR, other),
                ("K", Role.COORDINATOR, own),
                ("B", Role.COORDINATOR, own),
                ("R", Role.REVIEWER, None),
                ("D", Role.REVIEWER, None),
                ("A", Role.REVIEWER, None),
                ("F", Role.FOCAL_POINT, own),
                ("G", Role.FOCAL_POINT, other),
                ("H", Role.AGENCY_HEAD, own),
                ("E", Role.EXECUTIVE, None),
            )
        }
        self.scopes = {letter: factories.scope(account) for letter, account in accounts.items()}
        self.scopes["M"] = Scope(home.id, factories.administrator(session).id, Role.ADMINISTRATOR)
        for who, absent in (("A", "K"), ("P", "F")):
            person, place = accounts["G" if who == "P" else who], accounts[absent]
            self.scopes[who] = Scope(home.id, person.id, place.role, place.agency_id, acting_for_id=place.id)
        extra = {"accepted": {"reached_level": Decimal(3)}, "cancelled": {"cancel_kind": CancelKind.GIVEN_UP}}
        self.task: Task = factories.task(
            session, factories.plan(session, home), own, state=state, **extra.get(state, {})
        )
        self.given = {**GIVEN, "assignee_id": accounts["F"].id}
        self.asker = accounts["K"]
        self._hand_in(1, accounts["K"].id, None)
        self._hand_in(2, accounts["D"].id, accounts["B"].id)

    def _hand_in(self, number: int, by: int, as_: int | None) -> None:
        self.session.add(
            Submission(
                government_id=self.task.government_id,
                task_id=self.task.id,
                number=number,
                note="bukti",
                submitted_by_id=by,
                submitted_as_id=as_,
                submitted_at=NOW,
            )
        )
        self.session.flush()

    def outcome(self, letter: str, action: Action) -> str:
        """The state afterwards, or the code of the refusal; undone again."""
        savepoint = self.session.begin_nested()
        try:
            scope, task_id = self.scopes[letter], self.task.id
            done = tasks.act(Work(self.session), scope, task_id, action, self.given, version=None, now=NOW)
            return done.state.value
        except SpbeError as error:
            return error.code
        finally:
            savepoint.rollback()
            self.session.expire_all()

    def offered(self, letter: str) -> set[str]:
        """The actions that the page, and ``task show``, say this person can do now."""
        try:
            sheet = task_sheets.read(self.session, self.scopes[letter], self.task.id)
        except SpbeError:
            return set()
        return {each.action.value for each in sheet.actions if each.is_available}


def expected(rows: Mapping[str, Row], state: str, action: str, letter: str) -> str:
    """What the table says; an action it does not name is refused for its state."""
    if action not in rows:
        out_of_sight = letter == "G" or (state == "planned" and letter in "FPH")
        return "task.not_found" if out_of_sight else "task.illegal_transition"
    after, marks = rows[action]
    return CODES.get(marks[letter], state if after == "same" else after)


def doable(rows: Mapping[str, Row], letter: str) -> set[str]:
    return {action for action, (_, marks) in rows.items() if marks[letter] == "+"}


def differences(office: Office, rows: Mapping[str, Row], actions: list[Action]) -> Iterator[str]:
    state = office.task.state.value
    for letter, person in PEOPLE.items():
        for action in actions:
            got, wanted = office.outcome(letter, action), expected(rows, state, action.value, letter)
            if got != wanted:
                yield f"{state}, {action}, {letter} ({person}): {got}, not {wanted}"
        if office.offered(letter) != doable(rows, letter):
            yield f"{state}: {letter} is offered {office.offered(letter)}, not {doable(rows, letter)}"


@pytest.mark.parametrize("state", list(State))
def test_every_action_of_everybody_does_what_the_table_says_and_the_page_offers_the_same(
    session: Session, state: State
) -> None:
    office = Office(session, state)
    assert list(differences(office, parsed(TABLES[state]), list(Action))) == []


@pytest.mark.parametrize("state", ["assigned", "in_progress", "blocked", "submitted", "returned"])
def test_while_a_request_for_more_time_waits_it_is_answered_by_two_pairs_of_eyes(
    session: Session, state: str
) -> None:
    office = Office(session, State(state))
    factories.extension(session, office.task, office.asker)
    changed = parsed(WITH_REQUEST)
    if state == "submitted":
        changed.pop("ask_extension")
    rows = {**parsed(TABLES[state]), **changed}
    about_time = [each for each in Action if each.value in changed or each is Action.CANCEL]
    assert list(differences(office, rows, about_time)) == []


def test_the_tables_name_every_state_and_only_real_actions() -> None:
    assert TABLES.keys() == {each.value for each in State}
    named = {action for table in TABLES.values() for action in parsed(table)} | parsed(WITH_REQUEST).keys()
    assert named == {each.value for each in Action}
