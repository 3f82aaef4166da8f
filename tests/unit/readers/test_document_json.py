"""A document survives the way through JSON whatever it holds."""

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.readers.document import Document, Format, Place, Printed, Row
from spbe_tasks.readers.document_json import decode, encode

_text = st.text(max_size=8)
_figures = st.dictionaries(st.integers(1, 20), st.decimals(0, 5, places=2), max_size=3)
_places = st.builds(
    Place, st.none() | st.integers(1, 9), st.none() | _text, st.none() | st.integers(1, 9), st.none()
)
_documents = st.builds(
    Document,
    st.sampled_from(Format),
    st.lists(st.builds(Row, _text, _text, _places, _text, _text, _text), max_size=3).map(tuple),
    st.none() | _text,
    st.none() | st.integers(2000, 2100),
    st.none() | st.integers(2000, 2100),
    st.none() | _text,
    st.builds(Printed, st.none() | st.just(Decimal("2.98")), st.none() | _text, _figures, _figures),
)


@given(_documents)
def test_a_document_survives_json(document: Document) -> None:
    assert decode(json.loads(json.dumps(encode(document)))) == document
