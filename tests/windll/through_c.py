"""A pytest plug-in: every call of the flat API goes to C and back, through the table in both directions."""

from cngcore import bcrypt
from cngcore.windll import FUNCTIONS, Library
from cngcore.windll._dll import address_of

address_of("BCryptHash")  # the functions that C reaches are now bound to the real ones
_library = Library.in_process()
for _name in FUNCTIONS:
    if hasattr(bcrypt, _name):
        setattr(bcrypt, _name, getattr(_library, _name))
