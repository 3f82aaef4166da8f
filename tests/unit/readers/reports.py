"""Prints evaluation reports in any layout, for the tests of the reader: our own words, the ministry's shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.index import compute, display, predicate
from spbe_tasks.rules.instrument import Instrument

HEADING = "Perolehan Nilai Tingkat Kematangan Indikator"
SPBE = get_instrument("permenpanrb-59-2020")
PEMDI = get_instrument("permenpanrb-8-2026")
BODY = "Pemerintah Kabupaten Contoh Jaya"

LEVELS: Mapping[int, str] = {number: str(1 + number * 7 % 5) for number in range(1, 48)}
PREVIOUS: Mapping[int, str] = {number: str(1 + number * 3 % 5) for number in range(1, 48)}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a report is printed; sizes in points. ``columns`` are the heads of the values, from left to right."""

    name: str
    columns: Sequence[str] = ("2024",)
    instrument: Instrument = SPBE
    decimals: str = "{}"
    number: str = "{}"
    page: tuple[float, float] = A4
    rotation: int = 0
    margin: float = 60
    font: str = "Helvetica"
    size: float = 10
    leading: float = 1.2
    padding: float = 3
    names: str = "official"
    name_width: float = 300
    value_width: float = 60
    number_at: str = "top"
    value_at: str = "middle"
    value_align: str = "centre"
    is_ruled: bool = True
    breaks_rows: bool = False
    repeats_head: bool = False
    numbers_columns: bool = False
    foot: str = "right"
    running_head: str = ""
    has_contents: bool = False
    has_other_tables: bool = False
    heading_lines: int = 1
    blanks: Mapping[int, str] = field(default_factory=dict)
    starts_at: float = 0


class Printer:
    """Draws one report from top to bottom, counting pages."""

    def __init__(self, layout: Layout, levels: Mapping[int, str], previous: Mapping[int, str]) -> None:
        self.layout, self.levels, self.previous = layout, levels, previous
        self.file = BytesIO()
        self.canvas = Canvas(self.file, pagesize=layout.page, invariant=True)
        self.y, self.page = 0.0, 0
        self.row_pages: dict[int, int] = {}
        self.lead = layout.size * layout.leading

    def run(self) -> bytes:
        layout = self.layout
        self.new_page()
        self.lines(
            "LAPORAN HASIL EVALUASI", "SISTEM PEMERINTAHAN BERBASIS ELEKTRONIK TAHUN 2024", BODY.upper()
        )
        self.lines("Dasar: Peraturan Menteri PANRB Nomor 59 Tahun 2020 dan Perpres Nomor 95 Tahun 2018.")
        if layout.has_contents:
            self.new_page()
            self.lines(
                "DAFTAR ISI",
                "1. Ringkasan Eksekutif .......... 3",
                f"2. {HEADING} .......... 5",
                "3. Penutup 9",
            )
        if layout.has_other_tables:
            self.bounds()
        self.figures()
        self.new_page()
        self.y -= layout.starts_at
        self.heading()
        self.table()
        if layout.has_other_tables:
            self.recommendations()
        self.canvas.showPage()
        self.canvas.save()
        return self.file.getvalue()

    def new_page(self) -> None:
        if self.page:
            self.canvas.showPage()
        layout = self.layout
        self.page += 1
        if layout.rotation:
            self.canvas.setPageRotation(layout.rotation)
            self.turn()
        self.canvas.setFont(layout.font, layout.size)
        width, height = layout.page
        if layout.running_head:
            self.canvas.drawString(layout.margin, height - layout.margin / 2, layout.running_head)
        at = {"left": layout.margin + 3, "centre": width / 2, "right": width - layout.margin - 30}.get(
            layout.foot
        )
        if at is not None:
            self.canvas.drawCentredString(at, layout.margin / 2 - 5, str(self.page))
        elif layout.foot == "text":
            words = f"Laporan Hasil Evaluasi SPBE {BODY} - {self.page}"
            self.canvas.drawString(layout.margin, layout.margin / 2 - 5, words)
        self.y = height - layout.margin

    def turn(self) -> None:
        """Draw so that the turned page reads upright: for a quarter turn clockwise."""
        width, height = self.layout.page
        self.canvas.setPageSize((height, width))
        self.canvas.translate(height, 0)
        self.canvas.rotate(90)

    def lines(self, *texts: str) -> None:
        for text in texts:
            self.y -= self.lead
            self.canvas.drawString(self.layout.margin, self.y, text)

    def bounds(self) -> None:
        self.y -= 20
        self.lines("NO     NILAI INDEKS     PREDIKAT")
        for number, words in enumerate(("4,2 - 5,0 Memuaskan", "3,5 - 4,2 Sangat Baik", "2,6 - 3,5 Baik"), 1):
            self.lines(f"{number}     {words}")
        self.lines("Target penilaian: Predikat Baik (indeks minimal 2,6)")
        self.lines(
            "Domain Kebijakan SPBE 2,21 2,68 2,81 1,89 2,26", "Domain Layanan SPBE 2,81 3,49 3,37 2,62 3,10"
        )

    def figures(self) -> None:
        """The page of the index, and the table of index, domains and aspects."""
        self.new_page()
        instrument = self.layout.instrument
        blanks = self.layout.blanks
        levels = {n: None if n in blanks else Decimal(self.levels[n]) for n in _numbers(instrument)}
        result = compute(instrument, levels)
        bound = predicate(instrument, result.index, instrument.predicate_basis)
        word = "SPBE" if instrument is SPBE else "PEMDI"
        self.lines(f"INDEKS {word} - {BODY.upper()}", _comma(display(result.index)), f"({bound.name_id})", "")
        self.lines("Nilai Indeks SPBE, Domain, dan Aspek")
        self.figure("Nama Indeks", "Nilai 2024")
        self.figure(word, _comma(display(result.index)))
        for domain in instrument.domains:
            if not domain.is_synthetic:
                self.figure(f"Domain {domain.name_id}", _comma(display(result.domains[domain.number])))
            for aspect in domain.aspects:
                self.figure(aspect.name_id, _comma(display(result.aspects[aspect.number])))

    def figure(self, label: str, value: str) -> None:
        self.y -= self.lead * 1.5
        self.canvas.drawString(self.layout.margin, self.y, label)
        self.canvas.drawString(self.layout.margin + self.layout.name_width + 60, self.y, value)

    def heading(self) -> None:
        words = HEADING.split()
        cut = 3 if self.layout.heading_lines == 2 else len(words)
        self.lines(" ".join(words[:cut]), *([" ".join(words[cut:])] if words[cut:] else []))
        self.lines("Target nilai tingkat kematangan untuk setiap indikator adalah minimal 3 (tiga)")
        self.y -= self.lead

    def head(self) -> None:
        cells = [("No", self.left(0)), ("Indikator", self.left(1) + 60)]
        top = self.y
        for text, x in cells:
            self.canvas.drawString(x + 3, top - 2 * self.lead, text)
        for index, column in enumerate(self.layout.columns):
            for line, text in enumerate(("Nilai Tingkat", "Kematangan", *column.split("\n"))):
                centre = self.left(2 + index) + self.layout.value_width / 2
                self.canvas.drawCentredString(centre, top - (line + 1) * self.lead, text)
        self.y -= 5 * self.lead
        if self.layout.numbers_columns:
            for place in range(2 + len(self.layout.columns)):
                self.canvas.drawCentredString(self.left(place) + 12, self.y, str(place + 1))
            self.y -= self.lead

    def left(self, place: int) -> float:
        layout = self.layout
        number_width = 32 if layout.number in {"{}", "{}."} else 75
        lefts = [layout.margin, layout.margin + number_width]
        lefts += [
            lefts[1] + layout.name_width + i * layout.value_width for i in range(len(layout.columns) + 1)
        ]
        return lefts[place]

    def table(self) -> None:
        self.head()
        for number in _numbers(self.layout.instrument):
            lines = simpleSplit(
                self.name_of(number), self.layout.font, self.layout.size, self.layout.name_width - 10
            )
            self.row(number, lines)

    def name_of(self, number: int) -> str:
        indicator = self.layout.instrument.indicator(number)
        return indicator.short_name("id") if self.layout.names == "short" else indicator.name_id

    def row(self, number: int, lines: Sequence[str]) -> None:
        layout = self.layout
        room = self.y - layout.margin - 2 * layout.padding
        fitting = int(room // self.lead)
        if fitting >= len(lines):
            self.part(number, lines, 0, len(lines))
        elif layout.breaks_rows and fitting >= 1:
            self.part(number, lines, 0, fitting)
            self.next_page()
            self.part(number, lines, fitting, len(lines))
        else:
            self.next_page()
            self.part(number, lines, 0, len(lines))

    def next_page(self) -> None:
        self.new_page()
        if self.layout.repeats_head:
            self.head()

    def part(self, number: int, lines: Sequence[str], first: int, last: int) -> None:
        """The lines ``first`` to ``last`` of a row, and its number and values where they fall among them."""
        layout, count = self.layout, len(lines)
        top = self.y - layout.padding
        self.y = top - (last - first) * self.lead - layout.padding
        at = {"top": 0.0, "middle": (count - 1) / 2, "bottom": count - 1.0}

        def height(line: float) -> float:
            return top - (line - first) * self.lead - layout.size

        for index in range(first, last):
            self.canvas.drawString(self.left(1) + 4, height(index), lines[index])
        if first <= at[layout.number_at] < last:
            self.row_pages[number] = self.page
            self.canvas.drawString(
                self.left(0) + 4, height(at[layout.number_at]), layout.number.format(number)
            )
        if first <= at[layout.value_at] < last:
            for index, column in enumerate(layout.columns):
                self.value(self.left(2 + index), height(at[layout.value_at]), self.text_of(number, column))
        if layout.is_ruled:
            self.canvas.rect(
                self.left(0), self.y, self.left(2 + len(layout.columns)) - self.left(0), top - self.y + 3
            )

    def text_of(self, number: int, column: str) -> str:
        is_level = column == level_column(self.layout)
        if is_level and number in self.layout.blanks:
            return self.layout.blanks[number]
        value = (self.levels if is_level else self.previous)[number]
        return self.layout.decimals.format(value)

    def value(self, left: float, y: float, text: str) -> None:
        width = self.layout.value_width
        if self.layout.value_align == "left":
            self.canvas.drawString(left + 4, y, text)
        elif self.layout.value_align == "right":
            self.canvas.drawRightString(left + width - 4, y, text)
        else:
            self.canvas.drawCentredString(left + width / 2, y, text)

    def recommendations(self) -> None:
        self.new_page()
        self.lines("Rekomendasi per Indikator", "No   Indikator   Rekomendasi")
        for number in _numbers(self.layout.instrument)[:20]:
            self.lines(f"{number}   {self.name_of(number)[:50]}   perlu 2 tahun")


def level_column(layout: Layout) -> str:
    """The column of the year reported on: the greatest head, "Tahun Ini", or the only one."""
    return max(layout.columns, key=lambda column: ("Ini" in column, column))


def print_report(
    layout: Layout, levels: Mapping[int, str] = LEVELS, previous: Mapping[int, str] = PREVIOUS
) -> bytes:
    """The report as PDF."""
    return Printer(layout, levels, previous).run()


def _numbers(instrument: Instrument) -> list[int]:
    return [indicator.number for indicator in instrument.indicators]


def _comma(value: Decimal) -> str:
    return str(value).replace(".", ",")
