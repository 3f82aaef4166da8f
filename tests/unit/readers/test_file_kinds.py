"""What a file is, by its content: each kind taken, and everything that only calls itself one refused."""

import io
import zipfile
from collections.abc import Mapping

import pytest

from spbe_tasks.readers.file_kinds import MEDIA_TYPES, recognise
from spbe_tasks.rules.errors import InvalidInputError
from tests.unit.readers.test_images import png

PDF = b"%PDF-1.7\ntrailer\n%%EOF\n"
JPEG = bytes.fromhex("ffd8ffc0000b080001000101011100ffda")
OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 100


def package(parts: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def office(main: str, **more: str) -> bytes:
    return package({"[Content_Types].xml": "<Types/>", main: "<x/>", **more})


def open_document(ending: str, **more: str) -> bytes:
    return package({"mimetype": MEDIA_TYPES[ending], "content.xml": "<x/>", **more})


WORD, SHEET, SLIDES = "word/document.xml", "xl/workbook.xml", "ppt/presentation.xml"
TAKEN = {
    "sk.pdf": PDF,
    "FOTO.PNG": png(),
    "foto.jpg": JPEG,
    "foto.jpeg": JPEG,
    "sk.docx": office(WORD),
    "daftar.xlsx": office(SHEET),
    "paparan.pptx": office(SLIDES),
    "sk.odt": open_document("odt"),
    "daftar.ods": open_document("ods"),
    "daftar.csv": b"nomor;tingkat\n1;3\n",
    "catatan.txt": "\ufeffSudah – ditetapkan\r\n".encode(),
}


@pytest.mark.parametrize("name", TAKEN)
def test_every_kind_that_is_told_is_taken(name: str) -> None:
    kind = recognise(TAKEN[name], name)
    assert kind.ending == name.lower().rpartition(".")[2].replace("jpeg", "jpg")
    assert kind.media_type == MEDIA_TYPES[kind.ending]


REFUSED = {
    "nothing in it": (b"", "sk.pdf", "evidence.empty"),
    "program for Windows": (b"MZ\x90\0", "sk.pdf", "evidence.executable"),
    "program for Linux": (b"\x7fELF\x02", "sk.txt", "evidence.executable"),
    "script": (b"#!/bin/sh\n", "sk.txt", "evidence.executable"),
    "old Word": (OLD_OFFICE, "sk.docx", "evidence.old_office"),
    "Word with macros": (office(WORD, **{"word/vbaProject.bin": ""}), "sk.docx", "evidence.macros"),
    "Excel 4 macros": (office(SHEET, **{"xl/macrosheets/sheet1.xml": ""}), "a.xlsx", "evidence.macros"),
    "Writer with macros": (open_document("odt", **{"Basic/Standard/M.xml": ""}), "sk.odt", "evidence.macros"),
    "program in a document": (
        office(WORD, **{"word/embeddings/a.exe": ""}),
        "sk.docx",
        "evidence.executable",
    ),
    "archive": (package({"sk.pdf": PDF}), "sk.docx", "evidence.unknown_kind"),
    "two documents in one": (office(WORD, **{SHEET: ""}), "sk.docx", "evidence.unknown_kind"),
    "empty archive": (package({}), "sk.docx", "evidence.unknown_kind"),
    "drawing": (package({"mimetype": "application/x", "content.xml": ""}), "a.odt", "evidence.unknown_kind"),
    "half a document": (office(WORD)[:60], "sk.docx", "evidence.broken"),
    "half a PDF": (PDF[:12], "sk.pdf", "evidence.broken"),
    "half a picture": (png()[:20], "foto.png", "evidence.broken"),
    "PDF called a picture": (PDF, "foto.png", "evidence.other_kind"),
    "picture called a PDF": (png(), "sk.pdf", "evidence.other_kind"),
    "web page called a PDF": (b"<html><script>alert(1)</script>", "sk.pdf", "evidence.other_kind"),
    "sheet called a text": (office(SHEET), "sk.docx", "evidence.other_kind"),
    "text of Excel": ("nomor;tingkat".encode("utf-16"), "a.csv", "evidence.text"),
    "text of Windows": ("Peraturan – Bupati".encode("cp1252"), "a.txt", "evidence.text"),
    "bytes": (b"\0\1\2\3", "a.pdf", "evidence.unknown_kind"),
    "photo of a phone": (b"\0\0\0\x18ftypheic\xff", "foto.jpg", "evidence.unknown_kind"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_only_calls_itself_a_document_is_refused_with_the_reason(what: str) -> None:
    content, name, code = REFUSED[what]
    with pytest.raises(InvalidInputError) as refused:
        recognise(content, name)
    (problem,) = refused.value.problems
    assert (problem.code, problem.value) == (code, name)
