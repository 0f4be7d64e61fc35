import itertools

import pytest

from unlearnable_lightning.data.sampler import EpochSampler


def order(
    images: int = 20,
    batch_size: int = 4,
    batches: int | None = None,
    rank: int = 0,
    world_size: int = 1,
    seed: int = 0,
    epoch: int = 0,
) -> list[int]:
    sampler = EpochSampler(range(images), batch_size, batches, rank, world_size, seed)
    sampler.set_epoch(epoch)
    drawn = list(sampler)
    assert len(drawn) == len(sampler)
    return drawn


@pytest.mark.parametrize("images", [1, 7, 20])
def test_epoch_is_a_permutation(images: int) -> None:
    assert sorted(order(images)) == list(range(images))
    if images > 1:
        assert order(images) != list(range(images))


def test_order_depends_on_epoch_and_seed_and_on_nothing_else() -> None:
    assert order(epoch=3) == order(epoch=3)
    assert len({tuple(order(epoch=epoch)) for epoch in range(5)}) == 5
    assert order(seed=100) != order(seed=0)


@pytest.mark.parametrize("seed", [-1, 2**64 - 1, -(2**63)])
def test_every_seed_of_pytorch_gives_an_order(seed: int) -> None:
    assert sorted(order(seed=seed, epoch=3)) == list(range(20))
    assert order(seed=seed, epoch=3) != order(seed=seed, epoch=4)


def test_epoch_is_cut_to_its_batches() -> None:
    assert order(batches=3) == order()[:12]


def test_epoch_of_more_than_one_pass_draws_each_pass_anew() -> None:
    drawn = order(batches=12)
    passes = [drawn[:20], drawn[20:40], drawn[40:]]
    assert len(drawn) == 48
    assert sorted(passes[0]) == sorted(passes[1]) == list(range(20))
    assert len(set(passes[2])) == 8
    assert passes[0] == order()
    assert passes[0] != passes[1]


@pytest.mark.parametrize("world_size", [2, 3, 5])
def test_ranks_share_the_images_of_an_epoch(world_size: int) -> None:
    parts = [order(30, rank=rank, world_size=world_size) for rank in range(world_size)]
    assert {len(part) for part in parts} == {30 // world_size}
    assert sorted(itertools.chain(*parts)) == list(range(30))


@pytest.mark.parametrize("world_size", [2, 3])
def test_ranks_share_the_images_of_a_cut_epoch(world_size: int) -> None:
    parts = [order(60, batches=4, rank=rank, world_size=world_size) for rank in range(world_size)]
    assert {len(part) for part in parts} == {16}
    assert len(set(itertools.chain(*parts))) == 16 * world_size


def test_ranks_together_draw_what_one_would() -> None:
    """In rounds of one image each, so the same large batch is split over the ranks."""
    parts = [order(batches=3, batch_size=2, rank=rank, world_size=2) for rank in (0, 1)]
    together = [index for pair in zip(*parts, strict=True) for index in pair]
    assert together == order(batches=3, batch_size=4)


def test_every_rank_gets_as_many_images_though_they_do_not_divide() -> None:
    parts = [order(10, rank=rank, world_size=4) for rank in range(4)]
    assert {len(part) for part in parts} == {3}
    assert set(itertools.chain(*parts)) == set(range(10))


@pytest.mark.parametrize("world_size", [1, 2, 3])
@pytest.mark.parametrize(("batch_size", "images"), [(64, 65), (64, 129), (2, 3), (4, 9)])
def test_no_batch_holds_one_image_alone(batch_size: int, images: int, world_size: int) -> None:
    """BatchNorm cannot train on it."""
    images *= world_size
    left_out = []
    for epoch in range(8):
        settings = {"batch_size": batch_size, "world_size": world_size, "epoch": epoch}
        parts = [order(images, rank=rank, **settings) for rank in range(world_size)]
        assert all(len(part) % batch_size == 0 for part in parts)
        seen = [*itertools.chain(*parts)]
        assert len(set(seen)) == len(seen) == images - world_size
        left_out.append(frozenset(range(images)) - set(seen))
    assert len(set(left_out)) > 1, "the same images are never seen"


@pytest.mark.parametrize(
    ("batch_size", "images"), [(1, 5), (8, 1), (1, 1), (64, 66), (64, 64), (64, 63), (64, 2)]
)
def test_each_image_is_seen_where_none_is_alone_or_all_are(batch_size: int, images: int) -> None:
    assert sorted(order(images, batch_size=batch_size)) == list(range(images))
