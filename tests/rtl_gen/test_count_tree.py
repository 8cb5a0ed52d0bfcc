"""Trees of counts."""

import pytest

from bephw.rtl_gen.count_tree import LARGEST_LEAF, count_tree, tree_depth


@pytest.mark.parametrize("lanes", [*range(1, 70), 100, 127, 128, 129, 255, 256, 784, 1024])
def test_every_lane_enters_once_and_no_count_waits(lanes):
    root = count_tree(lanes)
    assert root.total == lanes
    assert root.depth == tree_depth(lanes)
    nodes = list(root.nodes())
    assert sorted(lane for node in nodes for lane in node.lanes) == list(range(lanes))
    for node in nodes:
        if node.depth == 1:
            assert not node.parts
            assert 1 <= len(node.lanes) <= LARGEST_LEAF
        else:
            small, large = node.parts
            assert len(node.lanes) <= 1
            assert small.depth == large.depth == node.depth - 1
            assert small.total <= large.total


def test_full_trees_have_leaves_of_three_lanes_and_a_carry_in_every_sum():
    for depth in range(1, 8):
        nodes = list(count_tree(2 ** (depth + 1) - 1).nodes())
        assert {len(node.lanes) for node in nodes if not node.parts} == {3}
        assert {len(node.lanes) for node in nodes if node.parts} <= {1}


def test_nodes_come_after_their_parts():
    seen = set()
    for node in count_tree(50).nodes():
        assert seen.issuperset(node.parts)
        seen.add(node)
