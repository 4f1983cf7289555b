"""A message goes to those who are present; each reads it for themselves; nobody else learns that it exists."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from permanence.accounts import actions as accounts
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock
from permanence.tasks import actions, queries
from tests.tasks.conftest import opened


def test_a_message_is_unread_until_each_recipient_says_so(moreau: Actor, sophie: Actor, nadia: Actor) -> None:
    message = actions.send_message("Réunion à 13 h", by=moreau, to=[sophie.member, nadia.member])  # type: ignore[list-item]
    [row] = queries.unread(reader=opened(sophie))
    assert (row.id, row.text, row.sender, row.unread, row.mine) == (message, "Réunion à 13 h", moreau.member, True, False)
    actions.mark_read(message, by=sophie)
    actions.mark_read(message, by=sophie)
    assert queries.unread(reader=opened(sophie)) == []
    assert queries.unread_count(reader=opened(nadia)) == 1
    assert dict(queries.delivered([message], reader=opened(moreau))[message]) == {sophie.member: True, nadia.member: False}


def test_everyone_is_who_is_present_and_may_read_messages(cast: dict[str, Actor], moreau: Actor) -> None:
    accounts.depart_member(cast["theo"].member, by=moreau)  # type: ignore[arg-type]
    message = actions.send_message("Fermé lundi", by=moreau, role=queries.EVERYONE)
    to = {member for member, _ in queries.delivered([message], reader=opened(moreau))[message]}
    assert to == {cast[name].member for name in cast if name not in ("moreau", "theo", "bruno", "yann")}


def test_a_profession_is_written_to(moreau: Actor, benali: Actor, petit: Actor, hugo: Actor, sophie: Actor) -> None:
    actions.send_message("Garde de samedi ?", by=sophie, role="medecin")
    for doctor in (moreau, benali, petit, hugo):
        assert [row.text for row in queries.unread(reader=opened(doctor))] == ["Garde de samedi ?"]


def test_another_neither_reads_it_nor_marks_it(moreau: Actor, sophie: Actor, benali: Actor, jeanne: UUID) -> None:
    message = actions.send_message("Elle rappellera", by=sophie, to=[moreau.member], patient=jeanne)  # type: ignore[list-item]
    assert queries.messages(reader=opened(benali)) == []
    with pytest.raises(Refused) as known:
        queries.message(message, reader=opened(benali))
    with pytest.raises(Refused) as unknown:
        queries.message(uuid4(), reader=opened(benali))
    assert known.value.sentence == unknown.value.sentence
    with pytest.raises(Refused) as marking:
        actions.mark_read(message, by=benali)
    assert marking.value.code == "unknown"


def test_a_remplacant_reads_for_the_replaced_who_still_has_it_to_read(moreau: Actor, sophie: Actor, petit: Actor) -> None:
    message = actions.send_message("Le labo a rappelé", by=sophie, to=[moreau.member])  # type: ignore[list-item]
    assert [row.id for row in queries.unread(reader=opened(petit))] == [message]
    actions.mark_read(message, by=petit)
    assert queries.unread(reader=opened(petit)) == []
    assert [row.id for row in queries.unread(reader=opened(moreau))] == [message]


def test_sent_and_received_stand_together_the_last_first(moreau: Actor, sophie: Actor, jeanne: UUID) -> None:
    first = actions.send_message("Question", by=sophie, to=[moreau.member], patient=jeanne)  # type: ignore[list-item]
    with clock.override(offset=timedelta(seconds=1)):  # never both in one millisecond
        second = actions.send_message("Réponse", by=moreau, to=[sophie.member], patient=jeanne, reply_to=first)  # type: ignore[list-item]
    for who, waiting in ((moreau, first), (sophie, second)):
        rows = queries.messages(reader=opened(who))
        assert [row.id for row in rows] == [second, first]
        assert {row.id for row in rows if row.unread} == {waiting}
    assert queries.message(second, reader=opened(sophie)).reply_to == first


@pytest.mark.parametrize("to", [[], ["self"], ["bruno"], ["nobody"]])
def test_a_message_that_nobody_would_receive_is_refused(to: list[str], cast: dict[str, Actor], moreau: Actor) -> None:
    ids = [moreau.member if one == "self" else uuid4() if one == "nobody" else cast[one].member for one in to]
    with pytest.raises(Refused) as refused:
        actions.send_message("Bonjour", by=moreau, to=ids)  # type: ignore[arg-type]
    assert refused.value.code == "addressee"


def test_what_is_shown_of_a_patient_is_journalled(moreau: Actor, sophie: Actor, jeanne: UUID) -> None:
    message = actions.send_message("Elle rappellera", by=sophie, to=[moreau.member], patient=jeanne)  # type: ignore[list-item]
    reader = opened(moreau)
    queries.unread(reader=reader)
    [served] = reader.close().patients
    assert (served.patient, served.objects) == (jeanne, (message,))
    assert served.levels[0][1] == 1 << Category.MESSAGES
