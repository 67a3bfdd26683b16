from wedload.report.monitoring_words import monitoring_words
from wedload.results.monitoring_model import Alerts, Export, MonitoringFacts, Told


def export(**figures):
    known = {"sent": 0, "failed": 0, "skipped": 0} | figures
    return Export(name="otlp", to="http://127.0.0.1:4318", **known)


def test_a_line_says_what_became_of_the_pictures_for_each():
    found = MonitoringFacts(exports=[export(sent=1_200), export(sent=1, failed=2, skipped=3)])
    assert list(monitoring_words(found)) == [
        "otlp → http://127.0.0.1:4318: 1,200 pictures of the run sent",
        (
            "otlp → http://127.0.0.1:4318: 1 picture of the run sent, 2 failed,"
            " 3 left out for a newer one"
        ),
    ]


def test_without_monitoring_there_is_none():
    assert list(monitoring_words(None)) == []


def test_who_was_told_and_which_alerts_fired_have_a_line_each():
    told = Told(name="grafana", to="http://127.0.0.1:3000", sent=3, failed=1)
    alerts = Alerts(silenced=["Slow", "Slow"], heard=["DiskFull", "DiskFull"], raised=1)
    assert list(monitoring_words(MonitoringFacts(told=[told], alerts=alerts))) == [
        "grafana → http://127.0.0.1:3000: 3 messages sent, 1 failed",
        "alerts: 2 silenced, 2 heard (DiskFull), 1 raised by rows that burned",
    ]
