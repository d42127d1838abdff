"""Telling Microsoft what a claimed meeting is to be. No database is open meanwhile."""

from ecs_training.scheduling.outside.graph import Graph, OnlineMeeting
from ecs_training.scheduling.services.meeting_claims import MeetingClaim


def arrange_meeting(graph: Graph, claim: MeetingClaim) -> OnlineMeeting | None:
    """Make, change or remove a meeting, and return it as Microsoft then has it, or None.

    Asked twice, it changes nothing the second time. Raise GraphFailed, and GraphNotThere
    for a meeting that somebody else removed.
    """
    if claim.cancelled:
        _remove(graph, claim)
        return None
    if claim.graph_id:
        found = graph.get(claim.graph_id)
    else:
        found = graph.create_or_get(claim.external_id, claim.plan)
    if found.plan == claim.plan:
        return found
    return graph.change(found.graph_id, claim.plan)


def _remove(graph: Graph, claim: MeetingClaim) -> None:
    graph_id = claim.graph_id
    if graph_id is None and claim.tries > 1:
        # An answer of Microsoft's may have been lost: then there is a meeting.
        graph_id = graph.create_or_get(claim.external_id, claim.plan).graph_id
    if graph_id:
        graph.remove(graph_id)
