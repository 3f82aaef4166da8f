"""How the figures of the meeting report are made, in words for who was not there when they were agreed."""

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from spbe_tasks import formatting
from spbe_tasks.papers.meeting_pen import Pen
from spbe_tasks.papers.meeting_style import SECTION, STRONG, TEXT
from spbe_tasks.rules.instrument import PredicateBasis
from spbe_tasks.services.meeting_reports import MeetingReport


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is written."""
    return text


_LOST = _(
    "This paper prints the letters of western and most of central Europe; others lost their accents or stand as “?”."
)


def method(report: MeetingReport, pen: Pen) -> list[Flowable]:
    """The notes, each under the word it explains."""
    found: list[Flowable] = [pen.p(pen.t(_("How these figures are made")), SECTION)]
    for word, sentence in (*_figures(report, pen), *_points(pen), *_sources(report, pen)):
        found += [pen.p(word, STRONG), pen.p(sentence, TEXT), Spacer(1, 1.6 * mm)]
    if pen.is_lossy:
        found.append(pen.p(pen.t(_LOST), TEXT))
    return found


def _figures(report: MeetingReport, pen: Pen) -> list[tuple[str, str]]:
    overview = report.overview
    is_rounded = overview.assessment.predicate_basis is PredicateBasis.ROUNDED
    index = _(
        "Levels of the indicators times their weights, by aspect, domain and index, in exact fractions; only what is "
        "shown is rounded, to two decimals, a half upwards."
    )
    basis = (
        _("The predicate follows from the rounded index.")
        if is_rounded
        else _("The predicate follows from the exact index, before rounding.")
    )
    secured = _("the level reached where work was accepted, else the assessed level")
    expected = _("also submitted work, and work in progress that is due before the evaluation")
    on = overview.record.evaluation_on
    until = f" ({formatting.date_long(on, pen.locale)})" if on else ""
    return [
        (pen.t(_("Index")), f"{pen.t(index)} {pen.t(basis)}"),
        (
            pen.t(_("Level of an indicator")),
            pen.t(_("The level of an indicator is the lowest of the agencies that answer for it.")),
        ),
        (pen.t(_("Secured")), _sentence(pen.t(secured))),
        (pen.t(_("Expected")), _sentence(f"{pen.t(expected)}{until}")),
        (pen.t(_("Potential")), _sentence(pen.t(_("every task at its target, except what was given up")))),
        *_voided(report, pen),
    ]


def _voided(report: MeetingReport, pen: Pen) -> list[tuple[str, str]]:
    words = _(
        "In “%(figure)s” the raise of indicator %(indicator)s does not count, because indicator %(needs)s is below "
        "level %(level)s there."
    )
    names = {"expected": pen.t(_("Expected")), "potential": pen.t(_("Potential"))}
    sentences = [
        pen.t(
            words,
            figure=names[each["figure"]],
            indicator=each["indicator"],
            needs=each["needs"],
            level=each["level"],
        )
        for each in report.overview.record.voided
    ]
    return [(pen.t(_("Raises that do not count")), " ".join(sentences))] if sentences else []


def _points(pen: Pen) -> list[tuple[str, str]]:
    at_stake = _("from the assessed level to the target, by the agency’s share")
    still = _("at stake, less secured and waiting for others")
    waiting = _("accepted, but another agency on the indicator is lower")
    return [
        (pen.t(_("At stake")), _sentence(pen.t(at_stake))),
        (pen.t(_("Still to bring")), _sentence(pen.t(still))),
        (pen.t(_("Waiting for others")), _sentence(pen.t(waiting))),
        (
            pen.t(_("Late")),
            pen.t(
                _("Tasks whose turn is the agency's and whose due date is over; submitted ones are not late.")
            ),
        ),
    ]


def _sources(report: MeetingReport, pen: Pen) -> list[tuple[str, str]]:
    overview, around = report.overview, report.around
    regulation = _("%(title)s. Starting point: %(baseline)s.")
    made = _("Figures of %(figures)s, computed from the facts; this paper was made on %(made)s.")
    zoned = [formatting.datetime_long(at, pen.locale, pen.zone) for at in (overview.rebuilt_at, report.now)]
    found = [
        (
            pen.t(_("Instrument")),
            pen.t(
                regulation,
                title=f"{overview.instrument.title(pen.locale)} ({overview.instrument.regulation})",
                baseline=report.marks[0].label,
            ),
        ),
        (pen.t(_("As of")), pen.t(made, figures=zoned[0], made=zoned[1])),
    ]
    if around:
        words = _("Mean of the published results %(year)s of %(bodies)s bodies.")
        sentence = pen.t(words, year=around.year, bodies=around.nation.bodies)
        found.append((pen.t(_("National average")), sentence))
    return found


def _sentence(words: str) -> str:
    """Words of a list as a sentence of their own."""
    return f"{words[:1].upper()}{words[1:]}."
