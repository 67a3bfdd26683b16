from wedload.simulators.remembered import Remembered


def test_the_oldest_is_forgotten_and_counted():
    kept: Remembered[int] = Remembered(2)
    assert [kept.keep(key, value) for value, key in enumerate("abc")] == [None, None, 0]
    assert ("a" in kept, kept.get("b"), kept.get("c"), len(kept), kept.forgotten) == (
        False, 1, 2, 2, 1,
    )  # fmt: skip


def test_what_is_kept_again_is_the_newest():
    kept: Remembered[int] = Remembered(2)
    for value, key in enumerate("abac"):
        kept.keep(key, value)
    assert (kept.get("a"), kept.get("b"), kept.forgotten) == (2, None, 1)
