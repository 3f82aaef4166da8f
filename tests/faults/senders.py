"""``python -m tests.faults.senders COUNT GOVERNMENT``: so many processes that plan and send at the same moment."""

import os
import sys
from contextlib import closing

from spbe_tasks import create_app, mailing
from spbe_tasks.extensions import db


def main() -> None:
    """Fork, let all go at once, and wait for them; exit code 1 when one of them failed."""
    count, government_id = map(int, sys.argv[1:])
    app = create_app()
    gate, opener = os.pipe()
    children = []
    for _ in range(count):
        child = os.fork()
        if not child:
            os.close(opener)
            os.read(gate, 1)  # returns when the parent closes its end
            with app.app_context():
                db.engine.dispose(close=False)
                with closing(app.extensions["mail"]):
                    mailing.send_digests(government_id)
            os._exit(0)
        children.append(child)
    os.close(opener)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    sys.exit(any(codes))


if __name__ == "__main__":
    main()
