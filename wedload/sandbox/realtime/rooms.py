"""Who is joined to what, and what reaches them: broadcasts, presence, changes of the database.

Knows sockets only as channels that can be written to and closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .changes import BindingError, bind, matching_ids
from .phoenix import Announcement
from .presence import Presence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .changes import Binding, Change
    from .channel import Channel
    from .counts import Counts
    from .fanout import Fanout
    from .presence import Meta, Presences
    from .quota import PerSecond

Key = tuple[str, bool]


class Room:
    """The channels of one topic; a dict, as a set that keeps its order."""

    __slots__ = ("members", "presence")

    def __init__(self) -> None:
        self.members: dict[Channel, None] = {}
        self.presence = Presence()


class Rooms:
    """All rooms, and those who listen to changes, in groups that get the same bytes."""

    def __init__(
        self,
        fanout: Fanout,
        counts: Counts,
        messages: PerSecond,
        over_quota: Callable[[Channel], None],
    ) -> None:
        self._fanout = fanout
        self._counts = counts
        self._messages = messages
        self._over_quota = over_quota
        self._rooms: dict[Key, Room] = {}
        self._groups: dict[tuple[str, tuple[int, ...]], dict[Channel, None]] = {}

    def join(self, channel: Channel) -> None:
        """Let the channel hear broadcasts and presence from now on."""
        self._rooms.setdefault(channel.room, Room()).members[channel] = None

    def listen(self, channel: Channel) -> None:
        """Let the channel hear of changes from now on.

        Raises:
            BindingError: what it wants to hear of cannot be.
        """
        if any(not given for given in channel.wishes.changes):
            raise BindingError("an entry of postgres_changes is empty")
        channel.bindings = tuple(map(bind, channel.wishes.changes))
        self._groups.setdefault(_group(channel), {})[channel] = None

    def leave(self, channel: Channel) -> None:
        """Let the channel hear nothing any more, and the others that it has gone."""
        self._fanout.forget(channel)
        if (group := self._groups.get(_group(channel))) is not None:
            group.pop(channel, None)
            if not group:
                del self._groups[_group(channel)]
        room = self._rooms[channel.room]
        del room.members[channel]
        self._tell(room, channel.topic, room.presence.untrack(channel))
        if not room.members:
            del self._rooms[channel.room]

    def broadcast(self, key: Key, payload: Any, sender: Channel | None = None) -> bool:
        """Pass a message on to everybody in the room, but its sender unless it wants it too.

        False if that would be one message too many; then nobody gets it.
        """
        if not self._messages.take():
            return False
        self._counts.published.broadcasts += 1
        room = self._rooms.get(key)
        if room is not None:
            members: Iterable[Channel] = room.members
            if sender is not None and not sender.wishes.to_self:
                members = (channel for channel in room.members if channel is not sender)
            self._send(members, Announcement(key[0], "broadcast", payload))
        return True

    def present(self, channel: Channel) -> Presences:
        """Who is present where the channel is."""
        return self._rooms[channel.room].presence.state()

    def track(self, channel: Channel, payload: Meta) -> None:
        """Let the channel be present, and everybody there know."""
        room = self._rooms[channel.room]
        diff = room.presence.track(channel, channel.wishes.presence_key, payload)
        self._tell(room, channel.topic, diff)

    def untrack(self, channel: Channel) -> None:
        """Let the channel be present no more, and everybody there know."""
        room = self._rooms[channel.room]
        self._tell(room, channel.topic, room.presence.untrack(channel))

    def changed(self, change: Change) -> None:
        """Tell of a change those who listen to it."""
        self._counts.published.changes += 1
        for (topic, _), group in tuple(self._groups.items()):
            bindings: tuple[Binding, ...] = next(iter(group)).bindings
            if ids := matching_ids(bindings, change):
                told = Announcement(topic, "postgres_changes", change.as_payload(ids))
                self._send(group, told)

    def _send(self, channels: Iterable[Channel], announcement: Announcement) -> None:
        # A copy: to write to a channel may close it.
        for channel in tuple(channels):
            if self._messages.take():
                self._fanout.copy(channel, announcement.frame(channel.version))
            else:
                self._over_quota(channel)

    def _tell(self, room: Room, topic: str, diff: dict[str, Presences] | None) -> None:
        """Presence is told apart from copies: no weakness and no quota is for it."""
        if diff is None:
            return
        announcement = Announcement(topic, "presence_diff", diff)
        for channel in tuple(room.members):
            channel.outlet.send(announcement.frame(channel.version))


def _group(channel: Channel) -> tuple[str, tuple[int, ...]]:
    return channel.topic, tuple(binding.id for binding in channel.bindings)
