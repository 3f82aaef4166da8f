"""The form of days off in a file."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField

from spbe_tasks.web.forms.ownership import OwnersFileForm


class HolidaysFileForm(OwnersFileForm):
    """A CSV of days; once looked at, it travels with the page until it is stored."""

    file = FileField(_l("File of days off"))
