"""What ctwin32 calls of ntdll.dll to report a status."""


def RtlNtStatusToDosError(status):
    """Return an error number for a status; any will do."""
    return 87
