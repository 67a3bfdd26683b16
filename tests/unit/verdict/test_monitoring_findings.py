import pytest

from wedload.verdict.monitoring_findings import no_picture, not_sent, series_left_out


@pytest.mark.parametrize(
    ("sent", "failed", "said"),
    [
        (9, 3, "otlp: it is full; 3 of 12 pictures of the run did not arrive."),
        (0, 1, "otlp: it is full; 1 of 1 picture of the run did not arrive."),
        (0, 0, "otlp: it is full; nothing was sent."),
    ],
)
def test_it_says_what_did_not_arrive_and_why(sent, failed, said):
    assert not_sent("otlp", sent, failed, "it is full.").message == said


@pytest.mark.parametrize(
    "finding", [not_sent("otlp", 0, 1, "no"), no_picture("ValueError: no"), series_left_out(5)]
)
def test_none_of_it_says_anything_of_the_load(finding):
    assert (finding.kind, finding.invalidates, finding.fails) == ("not-exported", False, False)
