"""The form of a saved view of the task list."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from spbe_tasks.services.saved_views import LONGEST_NAME, ViewWords
from spbe_tasks.web.forms.fields import VersionedForm, line


class ViewForm(VersionedForm):
    """Name, and whether everybody may open it."""

    name = line(_l("Name"), limit=LONGEST_NAME)
    is_shared = BooleanField(_l("Everybody in the government may open it"))

    def words(self) -> ViewWords:
        """What is typed."""
        return ViewWords(self.name.data or "", bool(self.is_shared.data))
