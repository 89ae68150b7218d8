"""What a check of a package says."""

from dataclasses import dataclass, field

from alerting.evidence.stamps import Stamped


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was exported."""

    part: str
    """Member of the package, or the record within it."""
    reason: str

    def __str__(self) -> str:
        return f"{self.part}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found."""

    problems: list[Problem]
    """Empty: the package is as it was exported by who holds the key."""
    signer: str
    """Fingerprint of the public key in the package; who it belongs to must be known from elsewhere."""
    alert: str
    """Id of the alert."""
    posts: int
    """Revisions of posts that it proves."""
    redacted: bool = False
    """Details are masked; the package holds the hashes of what it leaves out."""
    stamps: list[Stamped] = field(default_factory=list)
    """Time stamps over this package."""
    pending: list[str] = field(default_factory=list)
    """Authorities that had not given theirs at the time of the export."""
