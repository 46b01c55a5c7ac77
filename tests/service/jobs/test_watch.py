"""Followers of jobs: who is woken."""

from service.jobs.watch import Watch


def test_a_job_s_followers_are_woken_and_no_others() -> None:
    watch = Watch()
    with watch.follow(1) as one, watch.follow(1) as another, watch.follow(2) as other:
        watch.tell(1)
        assert (one.is_set(), another.is_set(), other.is_set()) == (True, True, False)
        assert len(watch) == 3
    assert len(watch) == 0
    watch.tell(1)


def test_the_end_wakes_all() -> None:
    watch = Watch()
    with watch.follow(1) as one, watch.follow(2) as other:
        watch.end()
        assert one.is_set()
        assert other.is_set()
    assert watch.is_over
