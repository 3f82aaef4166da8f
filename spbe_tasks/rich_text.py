"""What people write in Markdown, as HTML that is safe to show: a few marks of text and links, nothing else."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

# Headings would stand among those of the page, pictures would be fetched from other hosts.
_RULES_OFF = ("image", "heading", "lheading", "html_block", "html_inline", "hr", "reference", "entity")
_TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}
_BARE_ADDRESS = re.compile(r"(https?://[^\s<>\"]*[^\s<>\"'.,;:!?)\]])")


@lru_cache(maxsize=2_048)
def as_html(text: str) -> Markup:
    """``text`` as HTML. Whatever it holds, there is no script, no style, no picture and no ``javascript:`` in it.

    Two nets, one behind the other: the parser knows no HTML, and what it wrote is cleaned by a list of what may stay.
    """
    written = _PARSER.render(text)
    clean = nh3.clean(
        written,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(clean)  # noqa: S704 - cleaned in the line above


def as_words(text: str) -> str:
    """The words of ``text`` in one line, without its marks: for where a line of it is quoted."""
    return as_html(text).striptags()


def _text(_: RendererHTML, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
    """A run of text; an address that somebody only pasted becomes a link, too."""
    content = tokens[place].content
    if sum(token.nesting for token in tokens[:place] if token.type in ("link_open", "link_close")):
        return escapeHtml(content)
    pieces = _BARE_ADDRESS.split(content)  # text, address, text, address, … text
    return "".join(_link(each) if number % 2 else escapeHtml(each) for number, each in enumerate(pieces))


def _link(address: str) -> str:
    shown = escapeHtml(address)
    return f'<a href="{shown}">{shown}</a>'


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")
    parser.disable(list(_RULES_OFF))
    parser.add_render_rule("text", _text)
    return parser


_PARSER = _parser()
