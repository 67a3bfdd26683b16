"""A result's analysis, made of its parts. Pure, seeded: the same result has the same analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.analysis.course import course_of
from wedload.analysis.culprits import Case, Finding, find
from wedload.analysis.evidence import is_machine
from wedload.analysis.focus import focus_of
from wedload.analysis.growth import growth_of
from wedload.analysis.knee import knee_of
from wedload.analysis.levels import LEAST_REQUESTS, LEAST_TOLD, levels_of
from wedload.analysis.little import little_of
from wedload.analysis.saturation import saturated_of
from wedload.analysis.scalability import scalability_of
from wedload.analysis.sentences import sentences_of, verdict_words
from wedload.analysis.split import split_of
from wedload.analysis.stretches import LEAST_SLOTS, slots_of, stretches_of
from wedload.analysis.wording import culprit_of
from wedload.results.analysis_model import Analysis, Knee, Little, Scalability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.analysis.course import Course
    from wedload.analysis.levels import LevelSlots
    from wedload.analysis.split import Split
    from wedload.analysis.stretches import Slots
    from wedload.results.analysis_model import Saturated
    from wedload.results.model import Result

SWITCH_ON: Final = 'switch on [tracing] in the plan, as `share = "5%"`'


def analyse(result: Result) -> Analysis:
    """Levels, whose time, what gives way, and what could not be said.

    Raises:
        ValueError: a histogram of the result cannot be decoded.
    """
    course = course_of(result)
    slots = slots_of(result, course.seconds)
    split = split_of(result, course, slots)
    levels = levels_of(course, slots, stretches_of(result, slots, course.seconds), split)
    saturated = saturated_of(result, course)
    case = _case(result, course, slots, levels, split, saturated)
    split = None if case is None else case.split
    finding = Finding(None) if case is None else find(case, course, slots)
    culprits = [] if case is None else [culprit_of(case, one) for one in finding.named]
    measured = [one.level for one in levels]
    scalability, knee = scalability_of(measured), knee_of(measured)
    little = little_of(result)
    curves = {"scalability": scalability, "knee": knee, "little": little}
    made = Analysis(
        verdict=verdict_words(case, finding.basis, culprits),
        culprits=culprits,
        levels=measured,
        split_by=None if split is None else split.source,
        scalability=scalability if isinstance(scalability, Scalability) else None,
        knee=knee if isinstance(knee, Knee) else None,
        little=little if isinstance(little, Little) else None,
        saturated=saturated,
        refused={
            **_refused_levels(levels),
            **_refused_split(result, split, levels),
            **{name: one for name, one in curves.items() if isinstance(one, str)},
        },
    )
    open_load = case is not None and case.open_load
    said = sentences_of(made, open_load=open_load, invalid=result.verdict == "invalid")
    return made.model_copy(update={"sentences": said})


def _case(
    result: Result,
    course: Course,
    slots: Slots,
    levels: Sequence[LevelSlots],
    split: Split | None,
    saturated: Sequence[Saturated],
) -> Case | None:
    """What there is to decide by; None: there is no level of load."""
    focus = focus_of(result, course)
    growth = growth_of(course, slots, levels, split, focus.steps)
    if growth is not None and len(focus.missed) > 1 and not growth.one_load:
        focus = focus_of(result, course, slots.seconds_of(growth.low.slots, course.seconds))
        growth = growth_of(course, slots, levels, split, focus.steps)
    if growth is None:  # too few traces for a split, perhaps
        growth = growth_of(course, slots, levels, None, focus.steps)
    if growth is None:
        return None
    return Case(result, focus, growth, split if growth.keys else None, saturated)


def _refused_levels(levels: Sequence[LevelSlots]) -> dict[str, str]:
    if levels:
        return {}
    return {
        "levels": f"no stage, or part of a ramp, has {LEAST_REQUESTS} requests in {LEAST_SLOTS} "
        "slots of time: let the load last longer"
    }


def _refused_split(
    result: Result, split: Split | None, levels: Sequence[LevelSlots]
) -> dict[str, str]:
    refused = {}
    if split is None:
        most = max((one.level.traces for one in levels), default=0)
        traced = result.traces is not None and result.traces.traces
        refused["services"] = (
            f"no level has {LEAST_TOLD} traces, the most is {most}: raise the share of requests "
            "that [tracing] traces, or let the load last longer"
            if traced
            else f"nothing tells whose time it is: {SWITCH_ON}"
        )
    elif split.source != "traces":
        by = "Server-Timing" if split.source == "server-timing" else "the simulated third parties"
        refused["operations"] = f"only {by} tell whose time it is: {SWITCH_ON}"
    if not result.resources:
        refused["resources"] = (
            "nobody watched the target's machines: name processes and databases in [resources]"
        )
    elif all(map(is_machine, result.resources)):
        refused["resources"] = "only the machine was watched: name processes in [resources]"
    return refused
