"""What each page says around its content: the practice's name and the person signed in."""

from typing import NamedTuple
from uuid import UUID

from permanence.accounts import queries
from permanence.accounts.permissions import Facts, standing_of
from permanence.journal.doors import Reader
from permanence.web import presenters


class Around(NamedTuple):
    """What the practice says of itself and of the person signed in."""

    practice: str
    fictional: bool
    name: str
    profession: str
    post: str


# Kept in memory until the accounts change: the same for every page.
_practice: Facts[str, queries.PracticeInfo] = Facts(lambda _: queries.practice())
_posts: Facts[str, dict[UUID, str]] = Facts(lambda _: _post_names())


def around(member: UUID, post: UUID | None) -> Around:
    """Nothing clinical: the same for every page of a session."""
    standing = standing_of(member)
    practice = _practice.of("")
    profession = presenters.PROFESSIONS.get(str(standing.profession or ""), "")
    status = presenters.STATUSES.get(str(standing.status or ""), "")
    words = " · ".join(word for word in (profession, status.lower()) if word)
    return Around(practice.name, practice.fictional, queries.member_names([member]).get(member, ""), words, post_name(post))


def post_name(post: UUID | None) -> str:
    if post is None:
        return "console"
    return _posts.of("").get(post, "")


def _post_names() -> dict[UUID, str]:
    return {post.id: post.name for post in queries.posts(reader=Reader.for_purpose("sign_in"))}
