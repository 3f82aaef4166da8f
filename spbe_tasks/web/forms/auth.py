"""The forms of signing in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class LoginForm(FlaskForm):
    """Address and password."""

    email = StringField(
        _l("E-mail address"), validators=[InputRequired(_l("Please fill this in.")), Length(max=254)]
    )
    password = PasswordField(
        _l("Password"), validators=[InputRequired(_l("Please fill this in.")), Length(max=200)]
    )
