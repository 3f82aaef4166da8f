"""How often figures are rebuilt while changes pour in: at once for single changes, ever more rarely in a burst."""

from datetime import timedelta

# Changes of the last while that one run answers say how fast they come; older ones waited for a worker that was down.
RECENT = timedelta(seconds=10)
REST_PER_CHANGE = timedelta(seconds=1)
LONGEST_REST = timedelta(seconds=60)
# A burst in which nothing comes for this long is over, and nobody has to wait for the end of the rest.
QUIET = timedelta(seconds=2)


def rest_after(changes: int) -> timedelta:
    """For how long a plan's figures stay as they are after a run that answered so many recent changes; 0 for one.

    A run costs as much for one change as for a thousand. What a rest gathers makes the next one longer, up to
    ``LONGEST_REST``, so that ten thousand changes cause a handful of runs.
    """
    return min(LONGEST_REST, REST_PER_CHANGE * max(changes - 1, 0))
