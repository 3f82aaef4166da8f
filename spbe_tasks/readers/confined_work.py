"""What the child of ``confined`` does once it is limited: an order comes in, an answer in JSON goes out."""

import json
import pickle
from importlib import import_module
from typing import Any, BinaryIO

from spbe_tasks.readers.document_json import encode
from spbe_tasks.rules.errors import InvalidInputError

READY = b"\n"  # written before the file is looked at: from here on a fall is the file's doing
MAX_ANSWER = 8_000_000  # bytes; the parent has no limit of its own


def work(orders: BinaryIO, answers: BinaryIO) -> None:
    """Read one file as ordered: reader ("module:function"), data, instruments."""
    # The parent wrote the order; what nobody vouches for is only the bytes of the file within it.
    reader, data, instruments = pickle.load(orders)  # noqa: S301
    module, _, function = reader.partition(":")
    read = getattr(import_module(module), function)
    answers.write(READY)
    answers.flush()
    try:
        answer = json.dumps({"document": encode(read(data, instruments))}).encode()
        if len(answer) > MAX_ANSWER:
            raise InvalidInputError.of("file.too_big_inside")
    except MemoryError:
        answer = _refusal(InvalidInputError.of("file.too_big_inside"))
    except InvalidInputError as error:
        answer = _refusal(error)
    answers.write(answer)


def _refusal(error: InvalidInputError) -> bytes:
    values: dict[str, Any] = {
        "code": error.code,
        "params": error.params,
        "problems": [
            {
                "code": problem.code,
                "field": problem.field,
                "row": problem.row,
                "value": problem.value,
                "params": dict(problem.params),
            }
            for problem in error.problems
        ],
    }
    return json.dumps({"error": values}, default=str).encode()
