"""What the child of ``confined`` does once it is limited: an order comes in, a document or a picture goes out."""

import json
import pickle
from importlib import import_module
from typing import Any, BinaryIO

from spbe_tasks.readers.document_json import encode
from spbe_tasks.rules.errors import InvalidInputError

REFUSAL = b"!"  # before what is wrong with the file; no picture, number or document begins with it
READY = b"\n"  # written before the file is looked at: from here on a fall is the file's doing
MAX_ANSWER = 8_000_000  # bytes; the parent has no limit of its own


def work(orders: BinaryIO, answers: BinaryIO) -> None:
    """Do one order: function ("module:function"), data, further arguments."""
    # The parent wrote the order; what nobody vouches for is only the bytes of the file within it.
    name, data, arguments = pickle.load(orders)  # noqa: S301
    module, _, function = name.partition(":")
    do = getattr(import_module(module), function)
    answers.write(READY)
    answers.flush()
    try:
        made = do(data, *arguments)
        answer = made if isinstance(made, bytes) else json.dumps({"document": encode(made)}).encode()
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
    return REFUSAL + json.dumps(values, default=str).encode()
