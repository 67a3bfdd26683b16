from __future__ import annotations

from wedload.sandbox.realtime.presence import Presence


def bare(presences):
    """Without the references, which only have to differ."""
    names = {"phx_ref", "phx_ref_prev"}
    return {
        key: [{name: m[name] for name in m if name not in names} for m in entry["metas"]]
        for key, entry in presences.items()
    }


def test_those_who_share_a_key_are_listed_under_it_one_by_one():
    presence = Presence()
    for owner, key in enumerate(("ann", "bob", "ann")):
        presence.track(owner, key, {"n": owner})
    assert bare(presence.state()) == {"ann": [{"n": 0}, {"n": 2}], "bob": [{"n": 1}]}
    refs = [meta["phx_ref"] for entry in presence.state().values() for meta in entry["metas"]]
    assert len(set(refs)) == 3


def test_diff_tells_who_came_who_became_another_and_who_left():
    presence = Presence()
    came = presence.track("owner", "ann", {"mood": "good"})
    assert bare(came["joins"]) == {"ann": [{"mood": "good"}]}
    assert came["leaves"] == {}
    became = presence.track("owner", "ann", {"mood": "better"})
    assert bare(became["joins"]) == {"ann": [{"mood": "better"}]}
    assert became["leaves"] == came["joins"]
    new, old = became["joins"]["ann"]["metas"][0], came["joins"]["ann"]["metas"][0]
    assert new["phx_ref_prev"] == old["phx_ref"] != new["phx_ref"]
    left = presence.untrack("owner")
    assert left == {"joins": {}, "leaves": became["joins"]}
    assert presence.state() == {}


def test_what_changes_nothing_is_no_diff():
    presence = Presence()
    assert presence.untrack("owner") is None
    presence.track("owner", "ann", {"mood": "good"})
    assert presence.track("owner", "ann", {"mood": "good"}) is None
