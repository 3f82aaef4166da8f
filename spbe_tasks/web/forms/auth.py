"""The forms of signing in, of passwords and of the first start."""

from flask_babel import lazy_gettext as _l

from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.words import Form


class LoginForm(Form):
    """Address and password."""

    email = fields.address(_l("E-mail address"))
    password = fields.password(_l("Password"))


class ForgottenForm(Form):
    """Where to send the link to a new password."""

    email = fields.address(_l("E-mail address"))


class NewPasswordForm(Form):
    """A password, twice."""

    password = fields.new_password(_l("New password"))
    repeated = fields.repeated_password(_l("New password, again"))


class ChangePasswordForm(NewPasswordForm):
    """A password, twice, from somebody who knows the old one."""

    old_password = fields.password(_l("Present password"))


class AdministratorForm(Form):
    """The first administrator of an installation."""

    name = fields.line(_l("Your name"))
    email = fields.address(_l("E-mail address"))
    password = fields.new_password(_l("Password"))
    repeated = fields.repeated_password(_l("Password, again"))
