"""What a provider brings to the conformance kit. Authors import :class:`KitData` from :mod:`cngcore.provider`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class KitData:
    """What a provider brings to the conformance kit for one algorithm.

    * ``vectors``: a file or folder with vectors in the kit's own format or in Wycheproof's, or ""
    * ``invalid_blobs``: for a blob type, blobs of the right layout that hold no valid key, each under a word for what
      is wrong: ``{"ACMEBLOB": {"a point off the curve": b"..."}}``
    * ``exclusions``: checks that do not apply, each with the reason; the report shows them as skipped with it
    """

    vectors: str = ""
    invalid_blobs: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    exclusions: Mapping[str, str] = field(default_factory=dict)
