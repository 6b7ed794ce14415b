"""The house of the benchmarks: who waits learns at once of a process that ended."""

import signal

import pytest

from streams.house import House, MemberEnded, NotSeen, until

pytestmark = pytest.mark.kafka


async def never() -> bool:
    return False


async def test_waiting_ends_at_once_when_a_member_ends_and_says_which_code_and_last_words(
    settings, tmp_path
):
    async with House(settings, tmp_path) as house:
        house.start("no-such-command")

        with pytest.raises(MemberEnded, match=r"no-such-command ended with 2 before pigs") as told:
            await until("pigs fly", never, 120.0)

    assert "No such command" in str(told.value)


async def test_waiting_goes_on_when_a_member_was_killed_on_purpose(settings, tmp_path):
    async with House(settings, tmp_path) as house:
        house.start("worker").signal(signal.SIGKILL)

        with pytest.raises(NotSeen, match="pigs fly"):
            await until("pigs fly", never, 1.0)
        assert await house.members[0].ended() == -signal.SIGKILL


async def test_a_house_that_was_left_disturbs_nobody(settings, tmp_path):
    async with House(settings, tmp_path) as house:
        member = house.start("no-such-command")
        await member.ended()
    house.members.append(member)

    with pytest.raises(NotSeen):
        await until("pigs fly", never, 0.1)
