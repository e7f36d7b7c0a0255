"""The functions of the flat API, by subject; :mod:`cngcore.bcrypt` is their public home."""
