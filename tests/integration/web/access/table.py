"""Who may use which route: the one table that the sweeps of all routes and forms go by."""

from dataclasses import dataclass
from enum import StrEnum

from spbe_tasks.rules.access import Role

ADMIN, COORDINATOR, REVIEWER, FOCAL, HEAD, EXECUTIVE = Role
AGENCY_ROLES = {FOCAL, HEAD}
INSIDE = frozenset(Role) - {ADMIN}
EVERYBODY = frozenset(Role)
MANAGERS = frozenset({ADMIN, COORDINATOR})


class Place(StrEnum):
    OWN = "own agency"
    NEIGHBOUR = "other agency"
    OUTSIDE = "other government"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route. ``subject`` names the kind of thing in its address, None when there is none."""

    roles: frozenset[Role] = frozenset()
    subject: str | None = None
    is_public: bool = False
    # Those who see the thing but may not do this to it.
    refused: frozenset[Role] = frozenset()
    # The thing is one person's own: nobody else's, whatever their role. In the tests it is the focal point's.
    is_personal: bool = False


PUBLIC = Rule(is_public=True)
RULES: dict[str, Rule] = {
    "acting.end": Rule(MANAGERS, "acting_officer"),
    "acting.index": Rule(MANAGERS),
    "acting.leave": Rule(EVERYBODY),
    "acting.take": Rule(EVERYBODY, "position"),
    "agencies.close": Rule(MANAGERS, "agency"),
    "agencies.create": Rule(MANAGERS),
    "agencies.edit": Rule(MANAGERS, "agency"),
    "agencies.index": Rule(MANAGERS),
    "agencies.reopen": Rule(MANAGERS, "agency"),
    "agency_points.export": Rule(frozenset({COORDINATOR, REVIEWER, EXECUTIVE})),
    "agency_points.index": Rule(frozenset({COORDINATOR, REVIEWER, EXECUTIVE})),
    "agency_points.show": Rule(frozenset({COORDINATOR, REVIEWER, EXECUTIVE}), "agency"),
    "assessments.compare_with": Rule(frozenset({COORDINATOR}), "assessment"),
    "assessments.export": Rule(frozenset({COORDINATOR}), "assessment"),
    "assessments.index": Rule(frozenset({COORDINATOR})),
    "assessments.original": Rule(frozenset({COORDINATOR}), "assessment"),
    "assessments.pin": Rule(frozenset({COORDINATOR}), "assessment"),
    "assessments.release": Rule(frozenset({COORDINATOR}), "assessment"),
    "assessments.show": Rule(frozenset({COORDINATOR}), "assessment"),
    "assessments.template": Rule(frozenset({COORDINATOR}), "template"),
    "auth.home": PUBLIC,
    "auth.login": PUBLIC,
    "auth.logout": Rule(EVERYBODY),
    "auth.set_locale": PUBLIC,
    "boards.board": Rule(INSIDE),
    "boards.calendar": Rule(INSIDE),
    "boards.move": Rule(frozenset({COORDINATOR, FOCAL}), refused=frozenset({REVIEWER, HEAD, EXECUTIVE})),
    "boards.timeline": Rule(INSIDE),
    "bulk.choose": Rule(INSIDE),
    "bulk.run": Rule(INSIDE, "bulk action"),
    "bulk.show": Rule(INSIDE, "run", is_personal=True),
    "bulk.undo": Rule(INSIDE, "run", is_personal=True),
    "built_files.again": Rule(INSIDE, "built", is_personal=True),
    "built_files.download": Rule(INSIDE, "built", is_personal=True),
    "built_files.index": Rule(INSIDE),
    "built_files.remove": Rule(INSIDE, "built", is_personal=True),
    "calendars.evaluation": Rule(MANAGERS, "year"),
    "calendars.evaluation_years": Rule(MANAGERS),
    "calendars.index_targets": Rule(MANAGERS),
    "calendars.local_holidays": Rule(MANAGERS),
    "calendars.remove_holiday": Rule(MANAGERS, "holiday"),
    "calendars.remove_index_target": Rule(MANAGERS, "target"),
    "closing.close": Rule(frozenset({COORDINATOR}), "plan"),
    "closing.reopen": Rule(frozenset({COORDINATOR}), "plan"),
    "dashboard.figures": Rule(EVERYBODY),
    "dashboard.show": Rule(EVERYBODY),
    "evidence.add": Rule(frozenset({COORDINATOR, FOCAL})),
    "evidence.add_link": Rule(frozenset({COORDINATOR, FOCAL})),
    "evidence.add_version": Rule(frozenset({COORDINATOR, FOCAL}), "evidence"),
    "evidence.attach": Rule(frozenset({COORDINATOR, FOCAL}), "evidence"),
    "evidence.change_address": Rule(frozenset({COORDINATOR, FOCAL}), "evidence"),
    "evidence.choose": Rule(frozenset({COORDINATOR, FOCAL}), "task"),
    "evidence.detach": Rule(frozenset({COORDINATOR, FOCAL}), "evidence"),
    "evidence.download": Rule(INSIDE, "evidence"),
    "evidence.edit": Rule(frozenset({COORDINATOR, FOCAL}), "evidence"),
    "evidence.index": Rule(INSIDE),
    "evidence.remove": Rule(frozenset({COORDINATOR, FOCAL}), "evidence"),
    "evidence.scan": Rule(frozenset({COORDINATOR, FOCAL}), "evidence"),
    "evidence.show": Rule(INSIDE, "evidence"),
    "governments.choose": Rule(frozenset({ADMIN}), "government"),
    "governments.create": Rule(frozenset({ADMIN})),
    "governments.index": Rule(frozenset({ADMIN})),
    "governments.logo": Rule(EVERYBODY, "logo"),
    "governments.remove_logo": Rule(MANAGERS),
    "governments.set_logo": Rule(MANAGERS),
    "governments.settings": Rule(MANAGERS),
    "health.live": PUBLIC,
    "health.ready": PUBLIC,
    "health.whole_system": PUBLIC,
    "imports.annotated": Rule(frozenset({COORDINATOR}), "draft"),
    "imports.check": Rule(frozenset({COORDINATOR}), "draft"),
    "imports.compare": Rule(frozenset({COORDINATOR}), "draft"),
    "imports.discard": Rule(frozenset({COORDINATOR}), "draft"),
    "imports.grid": Rule(frozenset({COORDINATOR})),
    "imports.original": Rule(frozenset({COORDINATOR}), "draft"),
    "imports.store": Rule(frozenset({COORDINATOR}), "draft"),
    "imports.upload": Rule(frozenset({COORDINATOR})),
    "indicators.index": Rule(EVERYBODY, "instrument"),
    "indicators.show": Rule(EVERYBODY, "indicator"),
    "instruments.file": Rule(frozenset({COORDINATOR}), "own instrument"),
    "instruments.index": Rule(frozenset({COORDINATOR})),
    "instruments.remove": Rule(frozenset({COORDINATOR}), "own instrument"),
    "instruments.show": Rule(frozenset({COORDINATOR}), "own instrument"),
    "instruments.upload": Rule(frozenset({COORDINATOR})),
    "national.show": Rule(EVERYBODY),
    "mail_feedback.take": PUBLIC,
    "mail_preferences.show": Rule(EVERYBODY),
    "mail_preferences.unsubscribe": PUBLIC,
    "news.index": Rule(INSIDE),
    "news.see_all": Rule(INSIDE),
    "outbox.body": Rule(MANAGERS, "message"),
    "outbox.index": Rule(MANAGERS),
    "outbox.show": Rule(MANAGERS, "message"),
    "ownership.accept": Rule(frozenset({COORDINATOR}), "instrument"),
    "ownership.edit": Rule(frozenset({COORDINATOR}), "indicator"),
    "ownership.export": Rule(frozenset({COORDINATOR}), "instrument"),
    "ownership.history": Rule(frozenset({COORDINATOR}), "instrument"),
    "ownership.import_owners": Rule(frozenset({COORDINATOR}), "instrument"),
    "ownership.lead_aspect": Rule(frozenset({COORDINATOR}), "instrument"),
    "ownership.set_cell": Rule(frozenset({COORDINATOR}), "instrument"),
    "ownership.show": Rule(frozenset({COORDINATOR})),
    "packs.attach": Rule(frozenset({COORDINATOR, FOCAL}), "entry"),
    "packs.begin": Rule(frozenset({COORDINATOR}), "plan"),
    "packs.close": Rule(frozenset({COORDINATOR}), "pack"),
    "packs.detach": Rule(frozenset({COORDINATOR, FOCAL}), "entry"),
    "packs.entry": Rule(INSIDE, "entry"),
    "packs.index": Rule(INSIDE),
    "packs.note": Rule(frozenset({COORDINATOR}), "entry"),
    "packs.package": Rule(INSIDE, "pack"),
    "packs.reopen": Rule(frozenset({COORDINATOR}), "pack"),
    "packs.show": Rule(INSIDE, "pack"),
    "packs.write": Rule(frozenset({COORDINATOR, FOCAL}), "entry"),
    "passwords.activate": PUBLIC,
    "passwords.forgot": PUBLIC,
    "passwords.reset": PUBLIC,
    "paths.show": Rule(frozenset({COORDINATOR, REVIEWER, EXECUTIVE}), "plan year"),
    "people.close": Rule(MANAGERS, "account"),
    "people.edit": Rule(MANAGERS, "account"),
    "people.index": Rule(MANAGERS),
    "people.invite": Rule(MANAGERS),
    "people.invite_again": Rule(MANAGERS, "account"),
    "people.reopen": Rule(MANAGERS, "account"),
    "people.send_reset": Rule(MANAGERS, "account"),
    "plans.reword_task": Rule(frozenset({COORDINATOR}), "task"),
    "plans.decide": Rule(frozenset({COORDINATOR}), "plan"),
    "plans.generate": Rule(frozenset({COORDINATOR}), "plan year"),
    "plans.index": Rule(frozenset({COORDINATOR})),
    "plans.make_task": Rule(frozenset({COORDINATOR}), "plan"),
    "plans.publish": Rule(frozenset({COORDINATOR}), "plan"),
    "plans.rebase": Rule(frozenset({COORDINATOR}), "plan"),
    "plans.set_target": Rule(frozenset({COORDINATOR}), "plan"),
    "plans.versions": Rule(frozenset({COORDINATOR}), "instrument"),
    "profile.password": Rule(EVERYBODY),
    "profile.show": Rule(EVERYBODY),
    "saved_views.create": Rule(INSIDE),
    "saved_views.edit": Rule(INSIDE, "view", is_personal=True),
    "saved_views.index": Rule(INSIDE),
    "saved_views.remove": Rule(INSIDE, "view", is_personal=True),
    "saved_views.set_default": Rule(INSIDE, "view", is_personal=True),
    "scenarios.answer": Rule(frozenset({COORDINATOR}), "plan year"),
    "scenarios.compare": Rule(frozenset({COORDINATOR, REVIEWER, EXECUTIVE}), "scenario"),
    "scenarios.create": Rule(frozenset({COORDINATOR}), "plan year"),
    "scenarios.duplicate": Rule(frozenset({COORDINATOR}), "scenario"),
    "scenarios.edit": Rule(frozenset({COORDINATOR}), "scenario"),
    "scenarios.index": Rule(frozenset({COORDINATOR, REVIEWER, EXECUTIVE})),
    "scenarios.remove": Rule(frozenset({COORDINATOR}), "scenario"),
    "scenarios.show": Rule(frozenset({COORDINATOR, REVIEWER, EXECUTIVE}), "scenario"),
    "setup.administrator": PUBLIC,
    "static": PUBLIC,
    "succession.divide": Rule(frozenset({COORDINATOR}), "agency"),
    "succession.merge": Rule(frozenset({COORDINATOR})),
    "system.show": Rule(frozenset({ADMIN})),
    "tasks.act": Rule(
        frozenset({COORDINATOR, FOCAL}), "task", refused=frozenset({REVIEWER, HEAD, EXECUTIVE})
    ),
    "tasks.add_part": Rule(frozenset({COORDINATOR, FOCAL}), "task"),
    "tasks.claim": Rule(frozenset({COORDINATOR, FOCAL}), "task"),
    "tasks.discard_draft": Rule(INSIDE, "task"),
    "tasks.discuss": Rule(INSIDE, "task"),
    "tasks.edit_comment": Rule(frozenset({FOCAL}), "comment", refused=INSIDE - {FOCAL}),
    "tasks.edit_part": Rule(frozenset({COORDINATOR, FOCAL}), "part"),
    "tasks.export": Rule(INSIDE),
    "tasks.keep_draft": Rule(INSIDE, "task"),
    "tasks.index": Rule(INSIDE),
    "tasks.mine": Rule(frozenset({COORDINATOR, FOCAL})),
    "tasks.review": Rule(frozenset({COORDINATOR, REVIEWER})),
    "tasks.remove_comment": Rule(
        frozenset({COORDINATOR, FOCAL}), "comment", refused=frozenset({REVIEWER, HEAD, EXECUTIVE})
    ),
    "tasks.remove_part": Rule(frozenset({COORDINATOR, FOCAL}), "part"),
    "tasks.show": Rule(INSIDE, "task"),
    "tasks.tick_part": Rule(frozenset({COORDINATOR, FOCAL}), "part"),
    "uploads.abandon": Rule(frozenset({COORDINATOR, FOCAL}), "upload", is_personal=True),
    "uploads.append": Rule(frozenset({COORDINATOR, FOCAL}), "upload", is_personal=True),
    "uploads.begin": Rule(frozenset({COORDINATOR, FOCAL})),
    "uploads.finish": Rule(frozenset({COORDINATOR, FOCAL}), "upload", is_personal=True),
    "uploads.show": Rule(frozenset({COORDINATOR, FOCAL}), "upload", is_personal=True),
}
# Subjects that belong to no agency and no government.
EVERYWHERE = {"bulk action", "instrument", "template", "indicator", "year", "plan year"}
# Work actions belong to the own agency: a coordinator who sees the neighbour's task may still not start it.
OWN_AGENCY_ONLY = {"evidence.attach", "evidence.detach", "tasks.act", "tasks.claim"}
