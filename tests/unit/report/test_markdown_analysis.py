from __future__ import annotations

from tests.helpers import weak_results as weak
from wedload.analysis.analyse import analyse
from wedload.report.markdown import markdown
from wedload.report.markdown_analysis import analysis_part, as_markdown
from wedload.results.analysis_model import Analysis


def test_a_summary_has_the_sentences_of_a_culprit():
    result = weak.lock_held()
    part = analysis_part(analyse(result))
    assert part.startswith("**What gives way**\n\n- bottleneck: “submit form” waits")
    assert "\n- 3.91 sessions of weddings wait for a lock" in part
    assert part in markdown(result.model_copy(update={"analysis": analyse(result)}))


def test_of_a_sound_run_it_is_one_line_and_of_one_that_tells_nothing_none():
    assert len(analysis_part(analyse(weak.sound())).splitlines()) == 3
    assert analysis_part(None) == analysis_part(Analysis(verdict="too few")) == ""


def test_the_whole_has_tables_and_escapes_what_means_something():
    result = weak.index_dropped()
    text = as_markdown(result, analyse(result))
    assert text.startswith("## weak on sandbox: what gives way\n\n**bottleneck: “search")
    assert "| level of load | in flight | rate | mean | p95 | failed | longest part |" in text
    assert "| postgresql: SELECT suppliers |" in text
    assert "**What could not be said**" in text
    odd = analyse(result).model_copy(update={"verdict": "a|b <script>"})
    assert "a&#124;b &#60;script&#62;" in as_markdown(result, odd)
