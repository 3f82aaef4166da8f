"""What ``spbe-tasks task`` prints: a task as a JSON document, and that document as text."""

from datetime import date
from typing import Any

from sqlalchemy import Row

from spbe_tasks.rules.workflow import is_overdue
from spbe_tasks.services.task_sheets import TaskSheet

Document = dict[str, Any]


def row_document(row: Row[Any], today: date) -> Document:
    """A row of a list."""
    return {
        "id": row.id,
        "indicator": row.indicator_number,
        "title": row.title,
        "kind": row.kind.value,
        "agency": row.agency_name,
        "state": row.state.value,
        "round": row.round,
        "baseline_level": row.baseline_level,
        "target_level": row.target_level,
        "reached_level": row.reached_level,
        "points": row.points.normalize(),
        "due_on": row.due_on,
        "is_overdue": is_overdue(row.state, row.due_on, today),
        "assignee": row.assignee_name,
    }


def row_line(task: Document) -> str:
    """The same as one line."""
    late = "  LATE" if task["is_overdue"] else ""
    levels = f"{task['baseline_level']:f}→{task['target_level']:f}"
    return (
        f"{task['id']:>8}  {task['due_on']}  {task['state']:<11}  {levels}  {task['agency']:<14}  "
        f"{task['indicator']:>2}. {task['title']}{late}"
    )


def sheet_document(sheet: TaskSheet, *, with_actions: bool) -> Document:
    """One task with its criteria and history, and what the reader could do when there is one."""
    task = sheet.task
    document: Document = {
        "id": task.id,
        "year": sheet.plan.year,
        "instrument": sheet.instrument.id,
        "indicator": task.indicator_number,
        "title": task.title,
        "kind": task.kind.value,
        "agency": sheet.agency.name,
        "state": task.state.value,
        "round": task.round,
        "version": task.version,
        "baseline_level": task.baseline_level,
        "target_level": task.target_level,
        "reached_level": task.reached_level,
        "share": str(sheet.share),
        "points": task.points.normalize(),
        "due_on": task.due_on,
        "assignee": sheet.assignee_name,
        "reason": task.state_note,
        "criteria": [
            {
                "level": item.level,
                "letter": item.criterion.letter,
                "text": item.criterion.text_id,
                "is_met": item.is_met,
                "explanation": item.explanation,
            }
            for step in sheet.steps
            for item in step.items
        ],
        "history": [
            {"at": event.at.isoformat(), "action": event.action, "by": event.actor_name, "data": event.data}
            for event in sheet.history
        ],
    }
    if with_actions:
        document["actions"] = [
            {
                "action": each.action.value,
                "is_available": each.is_available,
                "obstacle": each.obstacle_code,
                "needs": [field.value for field in each.required_fields],
            }
            for each in sheet.actions
        ]
    return document


def sheet_text(task: Document) -> str:
    """The same on a few lines."""
    lines = [
        f"Task {task['id']}: {task['indicator']}. {task['title']}",
        f"Agency    {task['agency']} ({task['assignee'] or 'nobody in charge yet'})",
        f"State     {task['state']}{', ' + task['reason'] if task['reason'] else ''}",
        f"Levels    {task['baseline_level']:f} → {task['target_level']:f}, {task['points']:f} points",
        f"Due       {task['due_on']}",
        "Criteria",
        *(
            f"  [{'x' if each['is_met'] else ' '}] {each['level']}{each['letter']}  {each['text']}"
            for each in task["criteria"]
        ),
        "History",
        *(f"  {each['at']}  {each['action']:<10}  {each['by'] or 'the system'}" for each in task["history"]),
    ]
    if "actions" in task:
        lines.append(
            "Actions   " + ", ".join(each["action"] for each in task["actions"] if each["is_available"])
        )
    return "\n".join(lines)
