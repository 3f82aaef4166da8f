"""Markdown of strangers: what it may become, and that nothing else ever comes out."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rich_text import as_html, as_words

ALLOWED = {
    "p": set(),
    "br": set(),
    "strong": set(),
    "em": set(),
    "s": set(),
    "code": set(),
    "pre": set(),
    "blockquote": set(),
    "ul": set(),
    "ol": {"start"},
    "li": set(),
    "a": {"href", "title", "rel"},
}
# Pieces that attacks are made of, put together in any order with anything between them.
PIECES = [
    "<script>",
    "</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)' onclick=x>",
    "</a>",
    "<style>",
    "<iframe srcdoc=x>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "![x](http://elsewhere/x.png)",
    "<javascript:alert(1)>",
    "<https://a.example>",
    "https://a.example/?q=<b>&\"'",
    "[a]: javascript:alert(1)\n\n[a]",
    "```html\n",
    "`",
    "> ",
    "- ",
    "1. ",
    "# ",
    "**",
    "~~",
    "&lt;script&gt;",
    "\\",
    '"',
    "'",
    "\x00",
    "\n\n",
]


class _Seen(HTMLParser):
    """Every element of an answer, as a browser's parser finds them."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def _elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    seen = _Seen()
    seen.feed(str(as_html(text)))
    seen.close()
    return seen.elements


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=12).map("".join))
def test_no_text_becomes_a_script_a_handler_a_picture_or_an_active_address(text: str) -> None:
    for tag, attributes in _elements(text):
        assert tag in ALLOWED
        assert set(attributes) <= ALLOWED[tag]
        if tag == "a":
            assert attributes["rel"] == "nofollow noopener noreferrer"
            scheme, colon, _ = (attributes.get("href") or "").strip().lower().partition(":")
            assert not colon or scheme in {"http", "https", "mailto"} or not scheme.isalnum()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**tebal** dan *miring*", "<p><strong>tebal</strong> dan <em>miring</em></p>"),
        ("satu\ndua", "<p>satu<br>\ndua</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("> kutipan", "<blockquote>\n<p>kutipan</p>\n</blockquote>"),
        ("# bukan judul", "<p># bukan judul</p>"),
        ("<b>x</b> & y", "<p>&lt;b&gt;x&lt;/b&gt; &amp; y</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
    ],
)
def test_a_few_marks_are_shown_and_the_rest_stays_as_it_was_typed(text: str, shown: str) -> None:
    assert str(as_html(text)).strip() == shown


def test_an_address_that_was_only_pasted_becomes_a_link_without_the_full_stop_behind_it() -> None:
    ((_, paragraph), (tag, link)) = _elements("Lihat https://jdih.example/perbup-12.pdf?a=1&b=2.")
    assert (paragraph, tag, link["href"]) == ({}, "a", "https://jdih.example/perbup-12.pdf?a=1&b=2")
    assert str(as_html("Lihat https://jdih.example/x.")).strip().endswith("</a>.</p>")


def test_the_words_of_a_link_are_no_second_link() -> None:
    assert [tag for tag, _ in _elements("[http://a.example](http://b.example)")] == ["p", "a"]


def test_a_quoted_line_has_the_words_without_their_marks() -> None:
    typed = "Mohon **segera**:\n\n- SK <tim> & notulen\n- [peraturan](https://jdih.example)"
    assert as_words(typed) == "Mohon segera: SK <tim> & notulen peraturan"
