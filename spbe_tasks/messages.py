"""Words for error codes, in the reader's language, without a request: used by pages, mails and the command line."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

from spbe_tasks.formatting import date_long, decimal2
from spbe_tasks.rules.errors import InvalidInputError, Problem, SpbeError

LOCALES = ("id", "en")
TRANSLATIONS = Path(__file__).resolve().parent / "translations"


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is shown."""
    return text


# Each sentence says what is wrong and what to do about it.
WORDS: Mapping[str, str] = {
    "error": _("Something was refused."),
    "not_found": _("This does not exist, or it is not yours to see."),
    "forbidden": _("Your role does not allow this. Ask the coordinator if you need it."),
    "invalid_input": _("Some of what you entered needs mending; nothing was stored."),
    "unavailable": _(
        "Something this needs does not answer just now. Nothing is lost: try again in a few minutes."
    ),
    "conflict": _("Someone else changed this meanwhile. Look at the newest version and try again."),
    "conflict.stale": _("Someone else changed this meanwhile. Look at the newest version and try again."),
    "conflict.unique": _("This already exists. Open the existing one or choose another name."),
    "field.required": _("Please fill this in."),
    # Working on tasks (rules/workflow.py, rules/requirements.py, services/tasks.py, services/criteria.py).
    # The self-assessment pack (services/packs.py, services/pack_entries.py).
    "pack.closed": _("The self-assessment is closed: it was handed in. The coordinator can open it again."),
    "pack.level_off_scale": _("The level must be one from %(minimum)s to %(maximum)s."),
    "pack.no_criterion": _("Choose at least one criterion that it shows."),
    "pack.not_found": _("There is no such self-assessment. Open it from the plan."),
    "pack.not_yours": _("Your agency does not answer for this indicator."),
    "pack.stale_version": _(
        "Somebody else stored this indicator meanwhile. What you typed is still here: compare, and store it again."
    ),
    "built_file.not_found": _("This file is gone: files are not kept forever. Ask for it again."),
    "built_file.not_ready": _("This file is not ready yet. Wait until the page says so."),
    "built_file.too_many": _("%(limit)s files are being built for you already. Wait until one is ready."),
    "built_file.fault": _("It could not be built. Try again; if it fails again, tell the administrator."),
    "built_file.too_long": _(
        "It took too long and was given up. Ask for a smaller part, such as one indicator."
    ),
    "built_file.worker_died": _("The worker stopped in the middle. Try again."),
    "criterion.not_asked": _("This task does not ask for criterion %(letter)s of level %(level)s."),
    "due_date.outside_years": _(
        "A due date must lie between %(earliest)s and %(latest)s. Is the year right?"
    ),
    "field.invalid": _("“%(value)s” cannot be taken here. Choose or type another value."),
    "hand_made.not_open": _("Only an open task that was made by hand can be worded anew."),
    "hand_made.open_already": _(
        "This agency has an open task on this indicator already. Work with that one, or finish or cancel it first."
    ),
    "hand_made.target_below_level": _(
        "The agency stands at level %(level)s already. Ask for that level or a higher one."
    ),
    "comment.not_found": _("There is no such comment, or it is not yours to see."),
    "comment.not_yours": _("This comment is somebody else's. Say what you think in one of your own."),
    "comment.stale_version": _(
        "This comment was changed meanwhile, perhaps by you in another window. What you typed is still here; "
        "store it again to replace what stands there now."
    ),
    "comment.stranger": _("One of these people does not see this task. Choose from the list."),
    "comment.too_late": _(
        "A comment can be changed for fifteen minutes and until it is removed. Copy what you typed, and add a new one."
    ),
    "comment.too_long": _("A comment has at most %(maximum)s characters. Attach longer texts as evidence."),
    "comment.too_many_mentioned": _("A comment addresses at most %(maximum)s people. Choose fewer."),
    "extension.asked_already": _(
        "More time was asked for already, and the coordinator has not answered yet. Take that request back first."
    ),
    "extension.four_eyes": _(
        "You asked for more time yourself, or the person whose position you take: another person must decide about it."
    ),
    "extension.in_the_past": _("This day is over. Choose one that is still to come."),
    "extension.none_asked": _("Nobody waits for more time here. Look at the newest version of the task."),
    "extension.not_later": _("More time means a later day than the due date, %(due_on)s. Choose one."),
    "extension.not_yours": _("Somebody else asked for this time: only they can take it back."),
    "milestone.due_after_task": _(
        "A milestone cannot lie after its task's due date, %(due_on)s. Choose an earlier day, or ask for more time."
    ),
    "milestone.not_found": _("There is no such milestone, or it is not yours to see."),
    "milestone.reason_missing": _("Say why the day is moved: the history keeps it."),
    "milestone.stale_version": _(
        "Someone else changed this milestone meanwhile. What you typed is still here; store it again to replace theirs."
    ),
    "milestone.too_many": _("A task has at most %(maximum)s milestones. Take one away first."),
    "budget.amount_out_of_range": _("“%(value)s” is no amount for one line. Write rupiah above zero."),
    "budget.amount_too_fine": _(
        "“%(value)s” has more than two decimals. Write whole rupiah and at most sen."
    ),
    "budget.code_unreadable": _(
        "“%(value)s” is no code of a budget. Write its groups with dots, such as 2.16.03.2.01."
    ),
    "budget.not_found": _("There is no such budget line, or it is not yours to see."),
    "budget.stale_version": _(
        "Someone else changed this line meanwhile. What you typed is still here; store it again to replace theirs."
    ),
    "budget.too_many": _("A task has at most %(maximum)s budget lines. Take one away first."),
    "budget.twice": _("The code %(value)s of %(year)s stands here already. Change that line instead."),
    "budget.year_out_of_range": _("The fiscal year must lie between %(earliest)s and %(latest)s."),
    "verdict.needs_words": _("Say in words what is wrong with criterion %(letter)s of level %(level)s."),
    "acting.not_found": _("There is no such acting officer in your government."),
    "acting.not_here": _("Choose somebody with an open account in your government."),
    "acting.not_yours": _("You do not stand in for this person today. Ask the coordinator."),
    "acting.over": _(
        "Your time as acting officer is over, so nothing was done in that position. You are back in your own."
    ),
    "acting.over_already": _("The last day is over. Choose one that is still to come."),
    "acting.same_person": _("Nobody stands in for themselves. Choose somebody else."),
    "acting.taken": _("Somebody stands in for this person on one of these days already. End that first."),
    "acting.until_before_from": _(
        "The last day lies before the first. Exchange them, or leave the last one empty."
    ),
    "part.due_after_task": _("A part cannot be due after its task, which is due on %(due_on)s."),
    "part.not_found": _("There is no such part of a task, or it is not yours to see."),
    "part.stale_version": _(
        "Someone else changed this part meanwhile. What you typed is still here; store it again to replace theirs."
    ),
    "part.too_many": _("A task has at most %(maximum)s parts. Take one away, or say more in one."),
    "draft.too_long": _("This is too much to be kept as a draft. Store it, or shorten it."),
    "submission.nothing_shown": _(
        "Nothing shows what is ticked at %(criteria)s. Add evidence or an explanation there, or take the tick away."
    ),
    "text.not_asked": _("This task does not ask for texts of level %(level)s."),
    "text.too_long": _("A text of level %(level)s has at most %(maximum)s characters. Shorten it."),
    "saved_view.name_too_long": _("A name has at most %(maximum)s characters. Choose a shorter one."),
    "saved_view.not_found": _("There is no such view, or it is not yours. It may have been removed."),
    "saved_view.share_forbidden": _(
        "Views are shared by coordinators. Keep it for yourself, or ask one of them."
    ),
    "saved_view.stale_version": _(
        "This view was changed in another window meanwhile. What you typed is still here; store it again."
    ),
    "saved_view.too_many": _("You have %(maximum)s views already. Remove one first."),
    "task.action_forbidden": _(
        "This step is not yours to take: it belongs to another role or another agency."
    ),
    "task.assignee_outside_agency": _("Choose an active focal point of the agency whose task it is."),
    "task.four_eyes": _("You submitted this yourself: another person must accept it."),
    "task.illegal_transition": _(
        "The task has moved on, and this step is no longer possible. Look at its present state."
    ),
    "task.later_round_begun": _(
        "The next round, which starts from the level reached here, has begun. Reopen or cancel that one instead."
    ),
    "task.taken_up_again": _(
        "This task was taken up again in a later round. Go on with that one, or reopen it instead."
    ),
    "task.level_not_a_number": _("“%(value)s” is no level. Write a number."),
    "task.level_not_whole": _("Level %(value)s must be a whole number from %(minimum)s to %(maximum)s."),
    "task.level_outside_scale": _("Level %(value)s is outside the scale from %(minimum)s to %(maximum)s."),
    "task.level_too_fine": _("Level %(value)s may have at most two decimals."),
    "task.not_found": _("There is no such task, or it is not yours to see."),
    "task.stale_version": _(
        "Someone else changed this task meanwhile. What you typed is still here: look at what changed, then decide."
    ),
    # Evidence (rules/evidence.py, readers/file_kinds.py, services/evidence.py, services/uploads.py).
    "evidence.address": _("“%(value)s” is no address to open. Write it in full, beginning with https://."),
    "evidence.broken": _(
        "%(value)s cannot be opened: it breaks off or is damaged. Save it anew, and choose it again."
    ),
    "evidence.empty": _("%(value)s is empty. Choose the file with the document."),
    "evidence.ending": _("%(value)s is of a kind that is not taken. Take one of these: %(endings)s."),
    "evidence.executable": _("%(value)s is a program. Evidence is a document or a picture."),
    "evidence.expires_before_dated": _(
        "It cannot stop counting before the day it is of. Is one of the two dates wrong?"
    ),
    "evidence.infected": _(
        "%(name)s is infected (%(threat)s) and kept in quarantine. Clean your computer, then send a clean copy."
    ),
    "evidence.macros": _(
        "%(value)s holds macros, which are not taken. Save it as PDF, or without macros, and choose that."
    ),
    "evidence.not_drawn": _("Files of this kind are not shown here. Download it to read it."),
    "evidence.no_criterion": _("Say which criterion it shows, then try again."),
    "evidence.not_found": _("There is no such evidence, or it is not yours to see."),
    "evidence.not_yours": _("This evidence belongs to another agency: only its people change it."),
    "evidence.old_office": _(
        "%(value)s has a password, or is of an old Office. Save it without a password as PDF, DOCX, XLSX or PPTX."
    ),
    "evidence.other_kind": _(
        "%(value)s is called a .%(ending)s file but is something else (%(kind)s). Save it anew under its right ending."
    ),
    "evidence.removed": _("This evidence was removed. Choose another one, or send the file again."),
    "evidence.scanner_away": _(
        "The virus scanner does not answer, so %(name)s was not taken yet. Nothing is lost: try again in a few minutes."
    ),
    "evidence.stale_version": _(
        "Someone else changed this evidence meanwhile. What you typed is still here; store it again to replace theirs."
    ),
    "evidence.text": _("%(value)s is no plain text in UTF-8. Save it as UTF-8, or as PDF, and choose that."),
    "evidence.title_too_long": _("A title has at most %(limit)s characters."),
    "evidence.too_large": _(
        "%(value)s has %(size)s MB; a file may have at most %(limit)s MB. Use lighter pictures, or divide it."
    ),
    "evidence.too_many_versions": _(
        "One evidence has at most %(maximum)s versions. Keep this one as evidence of its own."
    ),
    "evidence.unknown_kind": _("What %(value)s is cannot be told. Save it as PDF and choose that."),
    "upload.incomplete": _("Not all of %(name)s has arrived yet. Go on from byte %(received)s."),
    "upload.not_found": _("This upload does not exist any more, or is not yours. Choose the file again."),
    "upload.too_many": _(
        "You have %(maximum)s files on their way already. Wait until they have arrived, then choose more."
    ),
    "upload.wrong_piece": _("A piece of the file does not fit its place. Choose the file again."),
    "storage.away": _(
        "The place where files are kept does not answer. Nothing is lost: try again in a few minutes."
    ),
    # The installation: signing in, people, agencies, governments, calendars.
    "account.bad_email": _(
        "This is no e-mail address that mail can be sent to. Check it for typing mistakes."
    ),
    "account.email_taken": _(
        "This address has an account already. Use another one, or look for the person in the list."
    ),
    "account.last_coordinator": _(
        "This is the last coordinator who can sign in. Make somebody else coordinator first."
    ),
    "account.no_password_yet": _(
        "This account is closed or has no password yet. Open it again, or send the invitation again."
    ),
    "account.not_found": _("There is no such person in your government."),
    "account.not_found_by_email": _("There is no open account with the address %(email)s in a government."),
    "account.not_invited": _(
        "This person has chosen a password already. “Forgot your password?” on the sign-in page helps them."
    ),
    "account.own": _("You cannot close your own account. Ask another coordinator to do it."),
    "account.role_needs_agency": _("This role works for an agency. Choose which one."),
    "account.role_not_here": _(
        "Administrators are made with the command spbe-tasks user add. Choose another role."
    ),
    "account.stale_version": _(
        "Someone else changed this person meanwhile. What you typed is still here; store it again to replace theirs."
    ),
    "agency.has_open_tasks": _(
        "This agency still has %(count)s open tasks (%(tasks)s). Finish, cancel or move them first."
    ),
    "agency.not_found": _("There is no such agency in your government."),
    "agency.stale_version": _(
        "Someone else changed this agency meanwhile. What you typed is still here; store it again to replace theirs."
    ),
    "agency.taken": _("There is an agency with this short name already. Choose another one."),
    "broken": _("Something failed on our side. It has been noted."),
    "bulk.changed_since": _(
        "Somebody changed this since. Look at the task, and change it back there if you want to."
    ),
    "bulk.not_found": _("There is no such change of many tasks, or it is not yours."),
    "bulk.nothing_chosen": _("No task is chosen. Tick at least one."),
    "bulk.start_stays": _("Work that has begun cannot be taken back to not begun."),
    "bulk.too_many": _("At most %(maximum)s tasks can be changed at once. Choose fewer."),
    "bulk.undone_already": _("This was taken back already."),
    "calendar.day_listed_twice": _("This day is listed twice. Keep one."),
    "calendar.no_working_weekday": _("At least one day of the week must be a working day."),
    "calendar.unknown_zone": _("“%(zone)s” is no time zone of Indonesia. Choose WIB, WITA or WIT."),
    "calendar.window_closes_before_it_opens": _(
        "Mails cannot stop before they start. Choose a later time here."
    ),
    "evaluation.bad_year": _("The year must lie between %(earliest)s and %(latest)s."),
    "evaluation.before_assessment": _(
        "This date lies before %(year)s, the year of the assessment. Check the year."
    ),
    "evaluation.out_of_order": _("This date lies before the one above it. Mend one of the two."),
    "feed.not_found": _(
        "This calendar address is unknown or was taken back. A new one is on your profile's page."
    ),
    "key.unknown": _(
        "Show a key of your own as “Authorization: Bearer KEY”. Keys are made on the page of your profile."
    ),
    "form.expired": _(
        "This form was open too long or came from another page. Load the page again and repeat it."
    ),
    "government.not_public": _("This government does not publish its figures here."),
    "deletion.not_found": _("Nobody asks for the deletion of this government any more. Load the page again."),
    "deletion.stands_already": _("Its deletion was asked for already. Load the page again to see by whom."),
    "deletion.confirmed_already": _("Its deletion is confirmed already and will be done within minutes."),
    "deletion.second_person": _("You asked for it yourself. Another administrator has to confirm it."),
    "deletion.asker_gone": _(
        "Whoever asked for it has no open account any more. Withdraw the request, and ask anew if it is still wanted."
    ),
    "deletion.too_early": _(
        "It can be confirmed three days after it was asked for, so that the coordinators can object. Wait until then."
    ),
    "deletion.no_archive": _(
        "There is no archive of the last seven days. Have one built, and keep it somewhere else, before you confirm."
    ),
    "deletion.slug_differs": _(
        "This is not its short name. Type %(slug)s to say that you mean this government."
    ),
    "government.not_chosen": _("Choose a government first."),
    "government.not_found": _("There is no such government."),
    "government.stale_version": _(
        "Someone else changed these settings meanwhile. What you typed is still here; store it again to replace theirs."
    ),
    "holiday.day_taken": _("This day stands in your calendar already. Remove the old entry first."),
    "holiday.not_found": _("This day is no longer in your calendar."),
    "holidays.wrong_cells": _(
        "This row has %(count)s cells. Give date, name, kind and number of the decision."
    ),
    "holidays.bad_date": _("This is no date. Write it as 2026-12-24 or 24/12/2026."),
    "holidays.day_twice": _("This day stands in row %(other)s already. Leave one of them."),
    "holidays.bad_name": _("The name is missing or too long. Give one of at most %(longest)s characters."),
    "holidays.bad_kind": _(
        "This kind is not known. Write libur nasional, cuti bersama, libur daerah or tetap hari kerja."
    ),
    "holidays.bad_decree": _("The number of the decision is too long. At most %(longest)s characters fit."),
    "holidays.changed_meanwhile": _("The calendar was changed since you looked. Look at what changes again."),
    "holiday.works_already": _("This is a working day anyway; it needs no entry."),
    "http": _("This cannot be done in this way."),
    "index_target.not_found": _("This target is no longer in your list."),
    "label.forbidden": _("Labels are put on and taken off by coordinators. Ask one of them."),
    "label.too_long": _("A label has at most %(maximum)s characters. Choose a shorter word."),
    "label.too_many": _("A task has at most %(maximum)s labels. Take one off first."),
    "link.used": _("This link was used already. Sign in, or ask for a new one with “Forgot your password?”."),
    "login.refused": _(
        "Address and password do not fit together, or the account is not open. Check both, or ask for a new password."
    ),
    "password.names_person": _(
        "The password contains your name or address. Choose one that nobody can guess."
    ),
    "password.old_is_wrong": _("This is not your present password."),
    "password.too_long": _("The password has more than %(maximum)s characters. Choose a shorter one."),
    "password.too_short": _(
        "The password has fewer than %(minimum)s characters. A few words in a row are easy to keep."
    ),
    "password.too_uniform": _(
        "The password repeats the same few characters. Use at least %(minimum)s different ones."
    ),
    "picture.empty": _("Choose a picture file first."),
    "picture.too_heavy": _("The picture is larger than %(limit)s KB. Save it smaller."),
    "picture.unknown": _("This is no PNG or JPEG picture. Save it as one of these."),
    "picture.wrong_sides": _(
        "The picture has %(width)s × %(height)s pixels; at most %(limit)s per side are taken. Save it smaller."
    ),
    "route.undeclared": _("This page is closed: it does not say who may see it."),
    "scenario.not_comparable": _(
        "Two scenarios can be compared when they are of the same instrument and year."
    ),
    "scenario.not_found": _("There is no such scenario, or it is not shared with you."),
    "scenario.nothing_changed": _("Every level is as it is now. Change at least one, then store."),
    "scenario.nothing_raised": _(
        "The scenario “%(name)s” raises no indicator above its assessed level, so it makes no plan. Raise one first."
    ),
    "scenario.stale_version": _(
        "Someone else changed this scenario meanwhile. What you typed is still here; store it again to replace theirs."
    ),
    "session.ended": _(
        "Your session has ended, and what you sent was not stored. Sign in and send it again."
    ),
    "setup.done": _("The installation has an administrator already. Sign in instead."),
    "slug.bad": _(
        "Use small letters and digits joined by hyphens, at most %(limit)s characters. Example: kabupaten-ketapang."
    ),
    "slug.taken": _("Another government has this short name already. Choose another one."),
    "too_many_requests": _("Too many attempts in a short time. Wait a few minutes and try again."),
    # Levels in a file or typed (readers/check.py, rules/index.py).
    "level.is_date": _(
        "“%(value)s” is a date that a spreadsheet has made of the level (%(level)s?) of indicator %(number)s. "
        "Format the cell as text and write the level again."
    ),
    "level.more_problems": _("… and %(count)s more problems. Mend the first ones and try again."),
    "level.name_of_another": _(
        "“%(value)s” is the name of indicator %(other)s, but the row has number %(number)s. "
        "The number counts: is it right?"
    ),
    "level.no_cell": _(
        "This row ends before the level of indicator %(number)s. Add the level; write “-” if it was not assessed."
    ),
    "level.none_given": _(
        "No indicator has a level: the column of levels is empty. Fill it in; write “-” where none was assessed."
    ),
    "level.not_read": _(
        "No level was read beside indicator %(number)s. Look at the page and type it; “-” if it was not assessed."
    ),
    "level.other_instrument": _(
        "These are the %(rows)s indicators of %(instrument)s; the chosen instrument has %(expected)s. Choose that one."
    ),
    "level.other_instrument_stated": _(
        "The file says that it is about %(stated)s; %(chosen)s is chosen. Choose the other instrument or another file."
    ),
    "level.other_year_stated": _(
        "The file says that it is about %(stated)s; %(chosen)s is chosen. Choose the other year or another file."
    ),
    "level.previous_unreadable": _(
        "“%(value)s” is no level of the year before for indicator %(number)s. It is left out."
    ),
    "level.repeated": _("Indicator %(number)s stands twice. Keep one."),
    "level.table_invalid": _("The table cannot be taken as it is; nothing was stored."),
    "level.missing": _("Indicator %(number)s has no row. Add it; write “-” if it was not assessed."),
    "level.unknown_indicator": _(
        "There is no indicator %(number)s in this instrument. Correct the number, or leave the row out."
    ),
    "level.repeated_indicator": _(
        "Indicator %(number)s stands twice; the first time in row %(first_row)s. Keep one."
    ),
    "level.number_unreadable": _(
        "“%(value)s” is no indicator number. Write it in digits, or remove the row."
    ),
    "level.not_a_number": _(
        "“%(value)s” is no level of indicator %(number)s. Write a number, or “-” if not assessed."
    ),
    "level.outside_scale": _(
        "Level %(value)s of indicator %(number)s is outside the scale. Write a level from %(minimum)s to %(maximum)s."
    ),
    "level.not_whole": _(
        "Level %(value)s of indicator %(number)s is not whole. Write a whole number, as this instrument asks."
    ),
    "level.too_fine": _(
        "Level %(value)s of indicator %(number)s has too many decimals. Write at most %(decimals)s."
    ),
    "level.not_assessed_refused": _(
        "Indicator %(number)s has no level, and this instrument does not say what that counts. Give it a level."
    ),
    # Agencies that merge or divide (services/succession.py).
    "succession.changed_meanwhile": _(
        "Something changed since this preview was made. Look at the new preview below, then carry it out."
    ),
    "succession.into_itself": _("An agency cannot merge into itself. Choose another successor."),
    "succession.is_a_renaming": _(
        "One agency under a new name is a renaming: change its names instead, and everything stays with it."
    ),
    "succession.no_move": _("Say which agency %(name)s goes to."),
    "succession.no_source": _("Choose at least one agency that ends."),
    "succession.no_taker": _("Say who takes indicator %(number)s."),
    "succession.source_closed": _(
        "%(name)s is closed already. Open it again first if it still has something to pass on."
    ),
    "succession.successor_closed": _(
        "%(name)s is closed and cannot take over. Open it again, or choose another one."
    ),
    # Assessments, plans and the ownership matrix (services/).
    "api_key.not_found": _("This key does not exist here, or was ended. Look at the list of your keys."),
    "api_key.too_many": _("You have %(limit)s keys already. End one that is no longer used first."),
    "assessment.instrument_not_of_year": _(
        "%(regulation)s is used for the assessments of %(years)s, not of %(year)s. Choose the other instrument or year."
    ),
    "assessment.instrument_unclear": _(
        "No single instrument is used for assessments of %(year)s. Say which one was used."
    ),
    "assessment.not_found": _("This assessment does not exist here. Choose one from the list."),
    "assessment.nothing_given": _("Choose a file or paste the table."),
    "assessment.revision_not_found": _("This revision does not exist here. Choose one from the list."),
    "assessment.draft_not_found": _(
        "This import was stored or discarded already, or is not yours to see. Look at the list of assessments."
    ),
    "assessment.draft_stale": _(
        "Someone else changed this import meanwhile. What you typed is still here; check again to keep it."
    ),
    "assessment.file_not_kept": _(
        "The original of this revision was not kept. Save its levels as a table instead."
    ),
    "assessment.moved_on": _(
        "Another revision was made meanwhile. Look at what your change does to that one, then decide."
    ),
    "assessment.not_pinned": _(
        "The level of indicator %(number)s is not pinned any more. Look at the newest revision."
    ),
    "assessment.other_body": _("The file speaks of “%(body)s”, not of %(government)s. Is it the right file?"),
    "assessment.other_instrument": _(
        "The file looks like one of %(said)s; you chose %(chosen)s. Choose the right instrument."
    ),
    "assessment.other_scales": _(
        "These two were made with different instruments, whose levels do not say the same. Choose one of the same."
    ),
    "assessment.other_year": _(
        "The file says it is of %(said)s; you chose %(chosen)s. Choose the right year."
    ),
    "assessment.year_out_of_range": _("%(value)s is no year from %(first)s to %(last)s."),
    "owners.changed_meanwhile": _(
        "The matrix changed since this preview was made. Look at the new preview below, then store it."
    ),
    "owners.file_too_large": _("The file is larger than %(limit)s MB. Is it the workbook of the matrix?"),
    "owners.no_file": _("Choose a workbook first."),
    "owners.no_rows": _("The table has no rows. Export the matrix, change it and choose that file."),
    "owners.no_table": _(
        "No sheet has the columns indicator, agency and role. Export the matrix and change that file."
    ),
    "owners.second_lead": _("Indicator %(number)s has two leads. Make one of them a contributor."),
    "owners.unknown_agency": _(
        "There is no agency “%(value)s” here. Write its short name as in the list of agencies, or enter it first."
    ),
    "owners.unknown_role": _("“%(value)s” is no role. Write lead or contributor."),
    "ownership.agency_closed": _(
        "%(name)s is closed and cannot be given an indicator. Choose another agency."
    ),
    "ownership.agency_listed_twice": _("An agency stands twice at indicator %(number)s. Keep one."),
    "ownership.share_missing": _(
        "Indicator %(number)s: owners without a share: %(count)s. Give one to each, or to none for equal parts."
    ),
    "ownership.share_off_scale": _(
        "“%(value)s” is more than the whole. Write a part of 1, such as 1/3 or 50 %%."
    ),
    "ownership.share_too_fine": _("“%(value)s” is too fine. Write a simpler part, such as 1/3."),
    "ownership.share_unreadable": _("“%(value)s” is no share. Write a part of 1, such as 1/3 or 50 %%."),
    "ownership.shares_not_one": _(
        "The shares of indicator %(number)s add up to %(value)s, not to 1. Change one of them, or leave all empty."
    ),
    "plan.baseline_unclear": _(
        "There are several assessments of %(year)s (%(kinds)s), none of them official. Say which one to start from."
    ),
    "plan.cannot_decide_so": _(
        "The task of indicator %(number)s cannot be decided so in its present state. Choose it alone, or otherwise."
    ),
    "plan.conflict_gone": _(
        "One of these tasks fits the plan again, or somebody else decided about it. Look at the list as it is now."
    ),
    "plan.closed": _(
        "The plan of %(year)s is closed, so nothing of it changes. Reopen it, or work in the plan of another year."
    ),
    "plan.not_closed": _("The plan of %(year)s is not closed, so there is nothing to reopen."),
    "plan.due_in_past": _("This day has passed. Choose a later one."),
    "plan.no_assessment": _("There is no such assessment of %(year)s to start from. Import it first."),
    "plan.no_conflict_chosen": _("Choose at least one task."),
    "national.bad_row": _(
        "This row is not a result that can be meant. Compare it with the published report."
    ),
    "national.invalid": _("The published national results cannot be read. Install the package again."),
    "national.unknown_name": _("The national results have no such name. Choose one from the list."),
    "plan.not_found_for_year": _("There is no plan after an assessment of %(year)s. Generate it first."),
    "plan.not_found": _("This plan does not exist here. Choose one from the list."),
    "government.bad_brief_day": _(
        "The monthly brief leaves from day %(earliest)s to %(latest)s: choose one of these, or never."
    ),
    "plan.no_figures": _("The figures of this plan are still being computed. Try again in a minute."),
    "projection.not_computed": _("The figures have not been computed yet. Is the worker running?"),
    "plan.revision_of_another_year": _("A plan of %(year)s can only start from an assessment of that year."),
    "plan.target_index_off_scale": _(
        "The target index must lie between %(minimum)s and %(maximum)s, with at most two decimals."
    ),
    "policy.bad_capacity": _(
        "A capacity must be a number of person-days from 0 to %(maximum)s, with at most two decimals."
    ),
    "policy.bad_effort": _(
        "An effort must be a number of person-days from 0 to %(maximum)s, with at most two decimals."
    ),
    "policy.bad_points": _("Write index points from 0 to 100, with at most four decimals."),
    "policy.bad_working_days": _("Write a whole number of working days from 1 to %(maximum)s."),
    "policy.domain_target_off_scale": _(
        "The target of domain %(number)s must be a level from %(minimum)s to %(maximum)s."
    ),
    "policy.due_unclear": _("Say either by which days tasks are due, or within how many working days."),
    "policy.indicator_target_off_scale": _(
        "The target of indicator %(number)s must be a level from %(minimum)s to %(maximum)s."
    ),
    "policy.none_yet": _(
        "There is no policy yet. Generate a plan of %(year)s, or store a policy with `spbe-tasks plan policy set`."
    ),
    "policy.not_found": _("This version of the policy does not exist here. Choose one from the list."),
    "policy.priorities_out_of_order": _(
        "High priority cannot begin at fewer points than middle priority. Mend one of the two."
    ),
    "policy.stale_version": _(
        "Someone else stored version %(number)s of the policy meanwhile. What you typed is still here; "
        "store it again to follow that version."
    ),
    "policy.target_off_scale": _("The target must be a level from %(minimum)s to %(maximum)s."),
    "policy.threshold_above_target": _("The threshold may not be higher than the target level."),
    "policy.threshold_off_scale": _(
        "The threshold must lie between %(minimum)s and %(maximum)s, with at most two decimals."
    ),
    "policy.unknown_agency": _(
        "There is no agency “%(agency)s” in your government. Is its short name right?"
    ),
    "policy.unknown_domain": _("There is no domain %(number)s in this instrument."),
    "policy.unknown_indicator": _("There is no indicator %(number)s in this instrument."),
    "policy.unknown_step": _("No step leads to level %(level)s in this instrument."),
    "policy.warn_due_after_opening": _(
        "%(tasks)s tasks are due only when the self-assessment opens (%(opens_on)s) or later."
    ),
    "policy.warn_no_capacity": _(
        "%(agency)s has a capacity of zero, but is given work of %(effort)s person-days."
    ),
    "policy.warn_over_capacity": _(
        "%(agency)s is given work of %(effort)s person-days and has a capacity of %(capacity)s."
    ),
    "policy.warn_target_out_of_reach": _(
        "Even when every task reaches its target, the index is %(potential)s; the plan is to reach %(target)s."
    ),
    # The path to the target (rules/path_check.py, services/paths.py, readers/capacities.py).
    "capacities.not_two_cells": _(
        "Write two cells, the agency’s slug and its person-days; %(count)s were found."
    ),
    "capacities.repeated_agency": _("“%(value)s” is named twice. Keep one of the rows."),
    "path.capacity_negative": _(
        "The capacity of %(agency)s cannot be negative. Write 0 or more person-days."
    ),
    "path.fixed_and_excluded": _(
        "Indicator %(number)s is to stay as it is and to end at level %(value)s. Choose one of the two."
    ),
    "path.fixed_below_present": _(
        "Indicator %(number)s already stands at level %(level)s, so it cannot end at %(value)s. Choose a higher level."
    ),
    "path.fixed_off_scale": _(
        "Level %(value)s of indicator %(number)s is not on the scale. Choose a level of the scale."
    ),
    "path.fixed_out_of_reach": _(
        "The levels you fixed cannot be reached together: a capacity or a prerequisite stands in the way. "
        "Free one of them, or raise a capacity."
    ),
    "path.fixed_twice": _("Indicator %(number)s is to end at two levels. Choose one of them."),
    "path.fixed_unowned": _(
        "Nobody owns indicator %(number)s, so it cannot be raised to level %(value)s. "
        "Enter its owners in the matrix first."
    ),
    "path.no_next_predicate": _("The highest predicate is reached: there is no next one. Write an index."),
    "path.not_proved": _(
        "No proved answer was found in time. Fix or exclude a few indicators, or take away capacities, then ask again."
    ),
    "path.target_above_scale": _(
        "The scale ends at %(maximum)s, so an index of %(value)s is out of reach. Write a lower one."
    ),
    "path.unknown_indicator": _("There is no indicator %(number)s in this instrument."),
    "path.until_past": _("This day leaves no time for work. Choose a later one, or leave it empty."),
    "path.unknown_target": _(
        "“%(value)s” is no target. Write an index such as 3.5, “next”, or one of: %(names)s."
    ),
    # The stored form of a policy (rules/policy_settings.py).
    "settings.key_not_a_number": _("“%(value)s” must be a number written in digits."),
    "settings.missing": _("This is missing."),
    "settings.not_a_choice": _("“%(value)s” must be one of: %(choices)s."),
    "settings.not_a_date": _("“%(value)s” is no date. Write it as YYYY-MM-DD."),
    "settings.not_a_figure": _("“%(value)s” is no plain number. Write digits with a decimal point."),
    "settings.not_a_group": _("This must be a group of keys with values."),
    "settings.not_yes_or_no": _("“%(value)s” must be true or false."),
    "settings.not_whole": _("“%(value)s” is no whole number."),
    "settings.unknown_key": _("This key is unknown. Is it misspelt?"),
    # The rules of a government for reminders and mail (rules/reminder_policy.py).
    "reminder_policy.empty": _("At least one step is needed. Enter one."),
    "reminder_policy.not_rising": _(
        "This step must come later than the one before it. Enter more working days."
    ),
    "reminder_policy.out_of_range": _("%(value)s must lie between %(low)s and %(high)s."),
    "reminder_policy.stale_version": _(
        "Someone else stored version %(number)s of these rules meanwhile. What you typed is still here; "
        "store it again to follow that version."
    ),
    # Demonstration data (demo/).
    "demo.not_loaded": _("The demo is not loaded here. Load it with `spbe-tasks demo`."),
    "demo.not_local": _(
        "Demo accounts have a public password: they are made only where PUBLIC_URL is this very machine (127.0.0.1)."
    ),
    "demo.real_government": _(
        "This database holds the real government %(name)s. Use an empty database for demonstration data."
    ),
    "demo.too_many_tasks": _(
        "%(governments)s governments hold at most %(limit)s tasks. Ask for more governments or fewer tasks."
    ),
    "demo.volume_exists": _(
        "Governments for measuring are here already. Start again with an empty database."
    ),
    # Reminders and the outbox.
    "feedback.not_set_up": _("No feedback is taken in here: set FEEDBACK_SECRET."),
    "feedback.bad_signature": _("The signature is wrong. Sign the timestamp, a full stop and the body."),
    "feedback.too_old": _(
        "The timestamp is missing or too far from now. Send it in seconds, and set the clock."
    ),
    "feedback.too_long": _("This is too long. Send one statement at a time."),
    "feedback.no_object": _("Send one JSON object."),
    "feedback.bad_status": _("This is no status code. Write it like 5.1.1."),
    "feedback.bad_kind": _("This kind is not known. Use one of %(choices)s."),
    "feedback.says_nothing": _("It says nothing: give a status or a kind."),
    "feedback.bad_text": _("This must be a text of at most %(longest)s characters."),
    "reminders.nothing_at_top": _(
        "Nothing of %(agency)s has come to the top of the escalation. There is nothing to write a note about."
    ),
    "proof.too_many": _(
        "These are %(count)s reminders, and one file holds %(most)s. Choose days or a person, and make several files."
    ),
    "suppression.not_found": _("There is no such blocked address here. Open the list of addresses again."),
    "mail_stop.no_reason": _("Say why all mail is stopped."),
    "message.not_found": _("There is no such mail in the outbox of this government."),
    "message.not_made": _("This mail has not been written yet. It is written when it is sent."),
    "reminders.day_passed": _("%(on)s is over. Choose today (%(today)s) or a later day."),
    "reminders.day_too_far": _("%(on)s is too far ahead. Choose a day up to %(latest)s."),
    "reminders.only_on_this_machine": _(
        "Sending as if it were another day is only possible while the mail server is this very machine."
    ),
    # Files with levels, whatever their format (readers/).
    "file.archive": _("This is an archive of files. Unpack it and choose the report or the table inside."),
    "file.bad_table": _("The table cannot be read from here on (%(detail)s). Is a quotation mark missing?"),
    "file.bomb": _(
        "Unpacked, this file would be enormous, so it was not opened. Copy the table into a new workbook."
    ),
    "file.broken": _(
        "This file is damaged or incomplete and cannot be read. Open it, save it again, or ask for a new copy."
    ),
    "file.empty": _("The file is empty. It needs two columns: indicator number and level."),
    "file.encrypted": _(
        "This file is locked with a password. Save a copy without the password and choose that."
    ),
    "file.no_columns": _(
        "No columns of indicator numbers and levels were found; there is “%(value)s”. "
        "Head the columns “Nomor” and “Tingkat” within the first 20 rows, or use our template."
    ),
    "file.no_level_table": _(
        "There is no table of levels below “%(heading)s”. Is this the complete report? Otherwise type the levels."
    ),
    "file.no_page": _("This file has only %(pages)s pages."),
    "file.no_rows": _("Nothing is written in this file. Fill in the table, save it and choose it again."),
    "file.old_sheet": _("This sheet was written by a very old program. Open it and save it as XLSX."),
    "file.picture": _(
        "This is a picture. Choose the PDF with text or a table, or type the levels that the picture shows."
    ),
    "file.scanned": _(
        "This PDF holds pictures of pages, no text. Ask the ministry for the PDF with text, or type the levels."
    ),
    "file.slides": _("These are slides, no table of levels. Copy the table into a workbook or paste it."),
    "file.text_too_large": _(
        "The text is larger than %(limit_mb)s MB. A table of levels is far smaller: is it the right one?"
    ),
    "file.too_big_inside": _(
        "Unpacked, this file is too large. Keep only the pages or the sheet with the levels, or type them."
    ),
    "file.too_many_pages": _(
        "This PDF has %(pages)s pages, at most %(limit)s are read. Save only the pages of the report."
    ),
    "file.too_many_rows": _(
        "There are more than %(limit)s rows. Keep only the sheet and the rows with the levels."
    ),
    "file.too_slow": _(
        "Reading this file takes more than %(seconds)s seconds. Save only the part with the levels, or type them."
    ),
    "file.truncated": _("This file breaks off before its end. Download it again, or ask for a new copy."),
    "file.unknown": _("This is no PDF, no workbook and no text. Choose a PDF, XLSX, XLS, ODS or CSV file."),
    "file.web_page": _(
        "This is a web page without a table. Copy the table and paste it, or save it as XLSX."
    ),
    "file.word": _("This is a text document. Save it as PDF, or copy its table into a workbook or paste it."),
    # Instrument files (instruments/).
    "file.too_large": _("The file is larger than 10 MB. Choose a smaller one."),
    "file.not_readable": _("The file %(path)s cannot be read: %(reason)s."),
    "instrument.not_found": _("There is no instrument “%(id)s”. Known: %(known)s."),
    "instrument.id_is_shipped": _(
        "“%(id)s” is the id of an instrument that is shipped. Give yours another id."
    ),
    "instrument.in_use": _(
        "“%(id)s” is in use with other content, and what was made with it must not change. Give this one a new id."
    ),
    "instrument.replaced": _(
        "Somebody stored other content under “%(id)s” while this was being checked. Look at it again, then store it."
    ),
    "instrument.still_used": _(
        "“%(id)s” cannot be taken away: assessments, imports, owners or a policy were made with it."
    ),
    "instrument.nothing_given": _("Choose a file, or write the instrument into the field below."),
    "instrument.indicator_not_found": _("There is no indicator %(number)s in %(instrument)s."),
    "instrument.level_not_found": _("Indicator %(number)s has no level %(level)s."),
    "instrument.invalid": _("The instrument file has mistakes; it cannot be used yet."),
    "instrument.empty": _("The file is empty."),
    "instrument.too_large": _("The file is larger than %(limit_mb)s MB. Is it an instrument file?"),
    "instrument.not_text": _("This is not a text file in UTF-8. An instrument is a YAML file."),
    "instrument.bad_yaml": _("This is not valid YAML: %(detail)s."),
    "instrument.alias": _("References (*name) are not allowed. Write the value out."),
    "instrument.too_deep": _("The file is nested too deeply."),
    "instrument.repeated_key": _("The key “%(value)s” stands twice. Keep one."),
    "instrument.key_not_text": _("A key must be plain text."),
    "instrument.key_not_a_number": _("The key “%(value)s” must be a whole number."),
    "instrument.unknown_key": _("This key is unknown. Is it misspelt?"),
    "instrument.missing": _("This is missing or empty."),
    "instrument.not_a_mapping": _("This must be a group of keys with values."),
    "instrument.not_a_list": _("This must be a list."),
    "instrument.not_a_list_of_texts": _("This must be a list of plain values."),
    "instrument.not_a_value": _("This must be a single value."),
    "instrument.not_a_number": _("“%(value)s” is no plain number. Write digits with a decimal point."),
    "instrument.not_a_whole_number": _("“%(value)s” is no whole number."),
    "instrument.not_true_or_false": _("“%(value)s” must be true or false."),
    "instrument.not_a_date": _("“%(value)s” is no date. Write it as YYYY-MM-DD."),
    "instrument.not_a_choice": _("“%(value)s” must be one of: %(choices)s."),
    "instrument.not_positive": _("“%(value)s” must be greater than zero."),
    "instrument.bad_id": _("The id “%(value)s” may have small letters, digits and hyphens, 3 to 64 of them."),
    "instrument.bad_year": _("“%(value)s” is no year from 2000 to 2100."),
    "instrument.years_reversed": _("The last year lies before the first."),
    "instrument.bad_scale": _(
        "The scale from %(minimum)s to %(maximum)s does not run upwards within 0 to %(largest)s."
    ),
    "instrument.end_not_whole": _("“%(value)s” is no whole level. A scale begins and ends with one."),
    "instrument.too_fine": _("Levels can have at most %(most)s decimals."),
    "instrument.number_too_large": _("“%(value)s” is too large. Numbers go up to %(largest)s."),
    "instrument.levels_not_named": _("Every whole level needs a name, lowest first: %(levels)s."),
    "instrument.level_outside_scale": _("Level %(value)s is none of: %(levels)s."),
    "instrument.bad_letters": _("Criteria are lettered without a gap: %(expected)s; found: %(value)s."),
    "instrument.repeated_number": _("The number %(value)s is used twice."),
    "instrument.weights_do_not_add_up": _("The weights add up to %(value)s, not to %(expected)s."),
    "instrument.bound_outside_scale": _("The bound %(value)s is outside the scale."),
    "instrument.bounds_not_descending": _(
        "The bound %(value)s must be lower than the one above it, %(above)s."
    ),
    "instrument.unknown_indicator": _("There is no indicator %(value)s."),
    "instrument.unknown_capability_type": _("“%(value)s” has no level names under level_names."),
    "instrument.prerequisite_circle": _("The prerequisites run in a circle: %(value)s."),
}


@cache
def translations(locale: str) -> NullTranslations:
    """The catalogue of ``locale``; English needs none."""
    return Translations.load(TRANSLATIONS, [locale])


def translate(text: str, locale: str, **params: object) -> str:
    """``text`` in ``locale`` with its parameters filled in."""
    words = translations(locale).gettext(text)
    return words % params if params else words


def describe(what: SpbeError | Problem, locale: str) -> str:
    """One sentence for an error or a problem; an unknown code shows itself rather than hiding."""
    sentence = WORDS.get(what.code)
    if sentence is None:
        return what.code
    params = {name: _shown(value, locale) for name, value in what.params.items()}
    return translate(sentence, locale, **{"value": _value(what), **params})


def _shown(value: object, locale: str) -> object:
    if isinstance(value, Fraction):
        return decimal2(value, locale)
    return date_long(value, locale) if isinstance(value, date) else value


def _value(what: SpbeError | Problem) -> str:
    return (what.value or "") if isinstance(what, Problem) else ""


def describe_all(error: SpbeError, locale: str) -> list[str]:
    """The sentences of an error, one per problem, each with its row and field in front."""
    if not isinstance(error, InvalidInputError) or not error.problems:
        return [describe(error, locale)]
    return [f"{_place(problem, locale)}{describe(problem, locale)}" for problem in error.problems]


_OUTER_PLACES = {"page": _("page %(page)s"), "sheet": _("sheet %(sheet)s")}


def _place(problem: Problem, locale: str) -> str:
    params = problem.params
    parts = [
        translate(words, locale, **{name: params[name]})
        for name, words in _OUTER_PLACES.items()
        if name in params
    ]
    if problem.row is not None:
        parts.append(translate(_("row %(row)s"), locale, row=problem.row))
    if "column" in params:
        parts.append(translate(_("column %(column)s"), locale, column=params["column"]))
    elif problem.field:
        parts.append(problem.field)
    return f"{', '.join(parts)}: " if parts else ""
