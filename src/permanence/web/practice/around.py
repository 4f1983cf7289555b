"""What each page says around its content: the practice's name, the person signed in, the continuity strip."""

from uuid import UUID

from permanence.accounts import queries
from permanence.accounts.permissions import standing_of
from permanence.journal.doors import Reader
from permanence.web import presenters
from permanence.web.shell import Around, Strip


def around(member: UUID, post: UUID | None) -> Around:
    """Nothing clinical: the same for every page of a session."""
    standing = standing_of(member)
    practice = queries.practice()
    profession = presenters.PROFESSIONS.get(str(standing.profession or ""), "")
    status = presenters.STATUSES.get(str(standing.status or ""), "")
    words = " · ".join(word for word in (profession, status.lower()) if word)
    return Around(practice.name, practice.fictional, queries.member_names([member]).get(member, ""), words, post_name(post))


def post_name(post: UUID | None) -> str:
    if post is None:
        return "console"
    posts = queries.posts(reader=Reader.for_purpose("sign_in"))
    return next((found.name for found in posts if found.id == post), "")


def strip() -> Strip:
    """The state of the system in one line: green and quiet, violet as soon as something waits or is cut."""
    from permanence.web.practice import health

    return health.strip()
