"""A form that is right for every route that takes one, and where storing it leads."""

import base64
from dataclasses import dataclass, field

from spbe_tasks.models import NewsKind
from spbe_tasks.workbooks.owners import OwnerRow, write_owners
from tests import factories
from tests.factories import SPBE
from tests.unit.instruments.small_instrument import SMALL
from tests.unit.readers.test_images import png

_LEVELS = "nomor;tingkat\n" + "\n".join(f"{number};3" for number in range(1, 48))
_ASSESSMENT: dict[str, str | bytes] = {"instrument_id": SPBE, "year": "2023", "kind": "official"}
_OWNERS = base64.b64encode(write_owners("", [OwnerRow(5, "")], "en")).decode()
_HOLIDAYS = base64.b64encode(b"2026-12-29;Hari Jadi;libur daerah;SK 1").decode()
_INSTRUMENT = SMALL.replace("{", "{{").replace("}", "}}")  # braces stand for ids here
_MONEY: dict[str, str | bytes] = {
    "code": "2.16.03.2.01",
    "name": "Pengelolaan SPBE",
    "amount": "25.000.000",
    "year": "2025",
}
_RULES: dict[str, str | bytes] = {
    "due_offsets": "-14, -7, 0, 3",
    "weekly_until_week": "12",
    "then_every_days": "30",
    "agency_head_after": "3",
    "coordinator_after": "7",
    "executive_after": "14",
    "review_after": "3, 5",
    "brief_weekday": "0",
    "daily_cap": "500",
    "store": "1",
}
_NEW_PASSWORD = "another long enough password"


@dataclass(frozen=True, slots=True)
class Form:
    """What is typed, with ids of the ``World`` in braces, and the address that storing it leads to.

    An empty address: the form answers with a page of its own.
    """

    leads_to: str
    typed: dict[str, str | bytes] = field(default_factory=dict)


FORMS: dict[str, Form] = {
    "boards.move": Form("/tasks/board", {"task": "{task}", "action": "start", "version": "1"}),
    "bulk.run": Form("/tasks/bulk/runs/", {"task": "{task}", "note": "Mohon dicek."}),
    "bulk.undo": Form("/tasks/bulk/runs/{run}"),
    "built_files.again": Form("/downloads"),
    "built_files.remove": Form("/downloads"),
    "acting.end": Form("/acting"),
    "acting.index": Form(
        "/acting",
        {"absent_id": "{account}", "acting_id": "{invited}", "kind": "plh", "from_on": "2025-03-03"},
    ),
    "acting.leave": Form("/"),
    "acting.take": Form("/"),
    "agencies.close": Form("/agencies"),
    "agencies.create": Form("/agencies", {"name": "Dinas Baru", "short_name": "Baru"}),
    "agencies.edit": Form("/agencies", {"name": "Dinas Lain", "short_name": "Lain", "version": "1"}),
    "agencies.reopen": Form("/agencies"),
    "assessments.pin": Form("/assessments/{assessment}", {"level": "4", "reason": "Keputusan Sekda."}),
    "assessments.release": Form("/assessments/{assessment}"),
    "budget_lines.add": Form("/tasks/{task}#budget", _MONEY),
    "budget_lines.edit": Form("/tasks/{task}#budget", {**_MONEY, "version": "1"}),
    "budget_lines.remove": Form("/tasks/{task}#budget", {"version": "1"}),
    "calendars.evaluation": Form("/settings/evaluation", {"interviews_on": "2025-09-01"}),
    "calendars.local_holidays": Form(
        "/settings/holidays", {"on": "2025-12-29", "name": "Hari Jadi", "kind": "local"}
    ),
    "calendars.import_holidays": Form("", {"content": _HOLIDAYS, "preview": "1"}),
    "calendars.index_targets": Form(
        "/settings/targets", {"year": "2026", "value": "3,4", "source": "RPJMD 2025-2029"}
    ),
    "calendars.remove_index_target": Form("/settings/targets"),
    "calendars.remove_holiday": Form("/settings/holidays"),
    "closing.close": Form("/plans", {"reason": "Tahun selesai."}),
    "consistency.compute_again": Form("/checks"),
    "closing.reopen": Form("/plans", {"reason": "Ada susulan."}),
    "evidence.add": Form("/evidence/", {"agency_id": "{agency}", "files": png()}),
    "evidence.add_link": Form(
        "/evidence/", {"agency_id": "{agency}", "url": "https://jdih.example/sk", "title": "SK"}
    ),
    "evidence.add_version": Form("/evidence/{evidence}", {"files": png()}),
    "evidence.attach": Form("/tasks/{task}", {"task": "{task}", "criterion": "3.a"}),
    "evidence.change_address": Form("/evidence/{evidence}", {"url": "https://jdih.example/sk-2"}),
    "evidence.detach": Form("/tasks/{task}", {"task": "{task}", "criterion": "3.a"}),
    "evidence.edit": Form("/evidence/{evidence}", {"title": "SK Baru", "dated_on": "2025-01-02"}),
    "evidence.remove": Form("/evidence"),
    "evidence.scan": Form("/evidence/{infected}"),
    "extensions.decide": Form("/extensions", {"version": "1", "due_on": "2027-12-01"}),
    "feeds.give_address": Form(""),
    "feeds.take_address_back": Form("/profile/calendar"),
    "government_deletions.ask": Form(
        "/settings/deletion", {"slug": "sendiri", "reason": "Uji coba selesai."}
    ),
    "government_deletions.build_archive": Form("/settings/deletion"),
    "government_deletions.confirm": Form("/governments/deleted", {"slug": "sendiri"}),
    "government_deletions.withdraw": Form("/settings/deletion"),
    "governments.choose": Form("/settings"),
    "governments.create": Form(
        "/settings", {"name": "Pemerintah Baru", "kind": "kabupaten", "timezone": "Asia/Jakarta"}
    ),
    "governments.remove_logo": Form("/settings"),
    "governments.set_logo": Form("/settings", {"file": png()}),
    "governments.settings": Form(
        "/settings",
        {
            "name": "Pemerintah Lain",
            "timezone": "Asia/Jakarta",
            "sender_name": "SPBE",
            "send_opens_at": "08:00",
            "send_closes_at": "15:00",
            "version": "1",
        },
    ),
    "imports.check": Form("/assessments/import/{draft}", {**_ASSESSMENT, "version": "1", "level_7": "4"}),
    "imports.discard": Form("/assessments"),
    "imports.grid": Form("/assessments/import/", _ASSESSMENT),
    "imports.store": Form("/assessments/", {"version": "1"}),
    "imports.upload": Form("/assessments/import/", {"text": _LEVELS}),
    "instruments.remove": Form("/instruments"),
    "instruments.upload": Form("/instruments/small", {"text": _INSTRUMENT, "store": "1"}),
    "mail_brakes.go_on": Form("/system/mail"),
    "mail_brakes.release": Form("/outbox"),
    "mail_brakes.system": Form("/system/mail", {"reason": "Alamat salah."}),
    "mail_brakes.test": Form("/outbox"),
    "mail_preferences.show": Form(
        "/profile/mail", {"cadence": "weekly", **{kind.value: "digest" for kind in NewsKind}}
    ),
    "news.see_all": Form("/news"),
    "milestones.add": Form("/tasks/{task}#milestones", {"title": "Draf", "due_on": "2025-06-02"}),
    "milestones.edit": Form(
        "/tasks/{task}#milestones", {"title": "Naskah", "due_on": "2025-06-30", "version": "1"}
    ),
    "milestones.remove": Form("/tasks/{task}#milestones", {"version": "1"}),
    "milestones.tick": Form("/tasks/{task}#milestones", {"version": "1", "is_done": "y"}),
    "ownership.accept": Form("/ownership"),
    "ownership.edit": Form("/ownership", {"lead_id": "{agency}", "store": "1"}),
    "ownership.import_owners": Form("", {"content": _OWNERS, "preview": "1"}),
    "ownership.lead_aspect": Form("/ownership", {"aspect": "1", "agency_id": "{agency}"}),
    "ownership.set_cell": Form("/ownership", {"cell": "33-{agency}-lead"}),
    "people.close": Form("/people"),
    "people.edit": Form(
        "/people", {"name": "Nama Baru", "role": "focal_point", "agency_id": "{agency}", "version": "1"}
    ),
    "people.invite": Form(
        "/people",
        {
            "name": "Orang Baru",
            "email": "baru@ketapang.example",
            "role": "focal_point",
            "agency_id": "{agency}",
        },
    ),
    "people.invite_again": Form("/people"),
    "people.reopen": Form("/people"),
    "people.send_reset": Form("/people"),
    "packs.attach": Form("/self-assessment/{pack}/", {"evidence_id": "{evidence}", "criteria": "2.a"}),
    "packs.begin": Form("/self-assessment/{pack}"),
    "packs.close": Form("/self-assessment/{pack}"),
    "packs.detach": Form("/self-assessment/{pack}/"),
    "packs.note": Form("/tasks/{task}", {"note": "Kurang.", "agency_id": "{agency}", "due_on": "2027-05-31"}),
    "packs.package": Form("/downloads"),
    "packs.reopen": Form("/self-assessment/{pack}"),
    "packs.write": Form("/self-assessment/{pack}/", {"version": "0", "claimed_level": "3"}),
    "plans.decide": Form("/plans/{plan}/conflicts", {"tasks": "{task}", "decision": "keep"}),
    "plans.generate": Form("/plans", {"threshold": "3", "due_on": "", "store": "1"}),
    "plans.make_task": Form(
        "/tasks/",
        {"indicator_number": "1", "agency_id": "{agency}", "target_level": "3", "due_on": "2027-06-30"},
    ),
    "plans.publish": Form("/plans"),
    "plans.rebase": Form("/plans"),
    "plans.reword_task": Form("/tasks/{made}", {"title": "Judul lain", "note": "", "version": "1"}),
    "plans.set_target": Form("/plans", {"target_index": "3,5"}),
    "api_keys.end": Form("/profile/keys"),
    "api_keys.manage": Form("", {"name": "Portal data"}),
    "profile.password": Form(
        "/profile",
        {"old_password": factories.PASSWORD, "password": _NEW_PASSWORD, "repeated": _NEW_PASSWORD},
    ),
    "profile.show": Form("/profile", {"name": "Nama Baru", "locale": "en", "version": "1"}),
    "saved_views.create": Form("/tasks?view=", {"name": "Milik saya"}),
    "saved_views.edit": Form("/tasks/views", {"name": "Nama lain", "version": "1"}),
    "saved_views.remove": Form("/tasks/views"),
    "saved_views.set_default": Form("/tasks/views"),
    "reports.build": Form("/reports"),
    "reminders.rules": Form("/reminders/rules", _RULES),
    "reminders.send": Form("/reminders"),
    "scenarios.answer": Form("", {"level_5": "4"}),
    "scenarios.create": Form("/scenarios/", {"name": "Coba", "level_5": "4", "store": "1"}),
    "scenarios.duplicate": Form("/scenarios/"),
    "scenarios.edit": Form(
        "/scenarios/{scenario}", {"name": "Lain", "level_5": "3", "version": "1", "store": "1"}
    ),
    "scenarios.remove": Form("/scenarios"),
    "succession.divide": Form("/agencies/{agency}", {"default_id": "{idle}", "store": "1"}),
    "succession.merge": Form(
        "/agencies/{idle}", {"source_ids": "{agency}", "successor_id": "{idle}", "store": "1"}
    ),
    "suppressions.index": Form("/reminders/addresses", {"account_id": "{account}", "detail": "Pindah."}),
    "suppressions.release": Form("/reminders/addresses"),
    "tasks.act": Form("/tasks/{task}", {"version": "1"}),
    "tasks.add_part": Form("/tasks/{task}#parts", {"title": "Bagian baru", "assignee_id": "{account}"}),
    "tasks.decide": Form("/tasks/review", {"version": "1", "reached_level": "3"}),
    "tasks.discuss": Form("/tasks/{task}#comment-", {"body": "Mohon dicek.", "mentioned_ids": "{account}"}),
    "tasks.edit_comment": Form(
        "/tasks/{task}#comment-{comment}", {"body": "Mohon dicek lagi.", "version": "1"}
    ),
    "tasks.edit_part": Form(
        "/tasks/{task}#parts", {"title": "Bagian lain", "assignee_id": "{account}", "version": "1"}
    ),
    "tasks.remove_comment": Form("/tasks/{task}#discussion"),
    "tasks.remove_part": Form("/tasks/{task}#parts", {"version": "1"}),
    "tasks.tick_part": Form("/tasks/{task}#parts", {"version": "1", "is_done": "y"}),
    "tasks.claim": Form("/tasks/{task}", {"version": "1", "met_3_a": "y"}),
    "tasks.discard_draft": Form("/tasks/{task}"),
    "tasks.keep_draft": Form("", {"version": "1", "explanation_3_a": "Perbup"}),
    "uploads.abandon": Form(""),
    "uploads.append": Form("", {"a": "b"}),
    "uploads.begin": Form("", {"agency": "{agency}", "name": "SK.pdf", "size": "9"}),
    "uploads.finish": Form("", {"title": "SK"}),
}


def filled(typed: dict[str, str | bytes], things: dict[str, int]) -> dict[str, str | bytes]:
    """The form with the ids of one place."""
    return {
        name: value if isinstance(value, bytes) else value.format(**things) for name, value in typed.items()
    }
