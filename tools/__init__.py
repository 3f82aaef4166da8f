"""Set-up, local services and checks for a clone; standard library only, Python 3.11 or newer."""
