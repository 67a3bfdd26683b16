"""What a process tells is free of secrets, where it is told."""

from __future__ import annotations

import pytest

from tests.helpers.credentials import SECRET
from wedload.fleet.ears_messages import Settled
from wedload.fleet.messages import (
    Cannot,
    CleanupDone,
    Failed,
    LoadDone,
    Prepared,
    Recorded,
    SetupDone,
    TeardownDone,
)
from wedload.fleet.party_messages import PartiesSettled
from wedload.fleet.telling import learn, without_secrets
from wedload.metrics.cleanup_count import CleanupCount
from wedload.metrics.snapshot import Snapshot
from wedload.plan.secrets.vault import MASK, Vault
from wedload.safety.redactor import KNOWN
from wedload.workload.compile_plan import Settings

pytestmark = pytest.mark.usefixtures("known")
SAID = f"found '{SECRET}' there"


@pytest.mark.parametrize(
    "message",
    [
        Recorded(Snapshot(0, 0, notes={SAID: 1})), SetupDone({}, [SAID]), TeardownDone([SAID]),
        LoadDone([("main", SAID)], {}), CleanupDone(CleanupCount(1, 0, 1, {SAID: 1})),
        Failed(SAID, f"Traceback\n{SAID}"), Failed(SAID, None), Cannot(SAID, SAID),
        Settled({"channel": {"reasons": {SAID: 1}, "list": [SAID]}}),
        PartiesSettled({"calendar": {SAID: 1}}, {"db": {"why": SAID}}),
    ],
    ids=lambda message: type(message).__name__,
)  # fmt: skip
def test_texts_of_messages_are_redacted(message):
    told = without_secrets(message)

    assert type(told) is type(message)
    assert SECRET not in repr(told)
    assert MASK in repr(told)


def test_notes_that_are_alike_without_their_secrets_are_one():
    told = without_secrets(Recorded(Snapshot(0, 0, notes={SAID: 2, f"found '{MASK}' there": 3})))

    assert told.snapshot.notes == {f"found '{MASK}' there": 5}


def test_what_set_up_captured_is_passed_on_as_it_is():
    assert without_secrets(SetupDone({"token": SECRET}, [])).variables == {"token": SECRET}


def test_messages_without_texts_are_passed_on_as_they_are():
    for message in (Prepared(), Recorded(Snapshot(0, 0))):
        assert without_secrets(message) is message


def test_process_knows_what_the_plan_reads_of_its_settings(plan):
    made = plan(more='[secrets]\nsecret_file = { key = "key.txt" }\n[variables]\n'
                     'a = "${env.WEDLOAD_READ}"\nb = "${secrets.key}"\n')  # fmt: skip
    env = Vault({"WEDLOAD_READ": "of-environment-1", "WEDLOAD_UNREAD": "of-environment-2"})

    learn(made, Settings("local", "", env=env, secrets=Vault({"key": "of-a-file-3"})))

    assert KNOWN("of-environment-1 of-environment-2 of-a-file-3") == (
        f"{MASK} of-environment-2 {MASK}"
    )
