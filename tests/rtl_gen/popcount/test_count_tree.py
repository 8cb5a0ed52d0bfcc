"""Trees of counts."""

import pytest

from bephw.rtl_gen.popcount.count_tree import CARRY_CELLS, LARGEST_LEAF, LEVELS_A_CYCLE, TABLES, count_tree, tree_depth


@pytest.mark.parametrize("costs", [TABLES, CARRY_CELLS], ids=["tables", "carry cells"])
@pytest.mark.parametrize("lanes", [*range(1, 70), 100, 127, 128, 129, 255, 256, 784, 1024])
def test_every_lane_enters_once(lanes, costs):
    root = count_tree(lanes, costs)
    assert root.total == lanes
    assert root.cycle == (tree_depth(lanes) - 1) // LEVELS_A_CYCLE
    nodes = list(root.nodes())
    assert sorted(lane for node in nodes for lane in node.lanes) == list(range(lanes))
    for node in nodes:
        if node.parts:
            small, large = node.parts
            assert len(node.lanes) <= 1
            assert max(small.depth, large.depth) == node.depth - 1
            assert small.total <= large.total
        else:
            assert node.depth == 1
            assert 1 <= len(node.lanes) <= LARGEST_LEAF


@pytest.mark.parametrize("lanes", [1, 5, 33, 100, 200])
def test_what_outlasts_a_cycle_is_what_later_ones_add(lanes):
    root = count_tree(lanes, CARRY_CELLS)
    kept = set()
    for cycle in range(root.cycle + 1):
        nodes = [node for node in root.nodes() if node.cycle == cycle]
        assert all(part in kept or part in nodes for node in nodes for part in node.parts)
        kept = set(root.kept(cycle))
    assert kept == {root}


def test_carry_cells_take_about_three_tables_for_two_lanes():
    for lanes in (31, 63, 98, 100, 127, 196, 784):
        slots = sum(
            2 if not node.parts else 1 + node.parts[-1].width for node in count_tree(lanes, CARRY_CELLS).nodes()
        )
        assert slots <= 1.55 * lanes


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
