"""Streets: the backbone along zone boundaries, links to what stands apart, and their land.

Main streets join the gates, collectors run between built zones; local streets come from the
layout of each zone. A centreline and its right of way are made here for all three classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
import shapely.ops
from networkx.algorithms.approximation import steiner_tree
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geoplan.config import SubdivideSettings

TOUCH_M = 0.05
"""Lines this close are taken to meet: hand-drawn layers do not share every vertex."""

NETWORK_TOUCH_M = 1.0
"""A street this near a gate is reached by it."""

GREEN_DETOUR = 1.6
"""A main street along green land counts this much longer, so that it rather serves plots."""

STREET_CLASSES = ("main", "collector", "local")
BUILT_USES = ("production", "logistics", "services", "utilities")


@dataclass(frozen=True)
class Ground:
    """Where streets may lie.

    Attributes
    ----------
    zones : GeoDataFrame
        Columns ``zone_id``, ``use``; metric CRS.
    passable : Polygon or MultiPolygon
        The zones without what no street may cross.
    gates : ndarray of Point or LineString
        Where public roads arrive.
    """

    zones: gpd.GeoDataFrame
    passable: Any
    gates: NDArray[np.object_]


def ground(
    zones: gpd.GeoDataFrame, exclusions: gpd.GeoDataFrame, gates: gpd.GeoDataFrame
) -> Ground:
    """Find where streets may lie: on the zones, not across water or buildings."""
    barriers = shapely.union_all(exclusions.geometry[~exclusions["crossable"].astype(bool)].array)
    passable = shapely.difference(shapely.union_all(zones.geometry.array), barriers)
    roads = gates.geometry[gates["kind"] != "rail"].array
    return Ground(zones, passable, np.asarray(roads, dtype=object))


def street_frame(
    lines: Sequence[Any] | NDArray[np.object_], street_class: str, row_m: float, crs: Any
) -> gpd.GeoDataFrame:
    """Make a streets layer of one class: columns ``class``, ``row_m``, geometry."""
    data = {"class": [street_class] * len(lines), "row_m": np.full(len(lines), float(row_m))}
    return gpd.GeoDataFrame(data, geometry=list(lines), crs=crs)


def backbone(land: Ground, settings: SubdivideSettings) -> gpd.GeoDataFrame:
    """Choose the zone boundaries that carry main streets and collectors.

    Main streets are the cheapest tree of zone boundaries that joins the road gates;
    collectors follow every boundary between two built zones, and whatever it takes to tie
    these together. A park of a single zone has none.

    Returns
    -------
    GeoDataFrame
        Columns ``class``, ``row_m``; noded lines.
    """
    graph = _boundary_graph(land, settings.street_main_m)
    gate_nodes = _gate_nodes(graph, land.gates)
    main = _tree(_simple(graph), gate_nodes)
    built = {edge for edge, data in _edges(graph) if data["built"]}
    chosen = _tied_together(graph, main | built, gate_nodes)
    lines = {edge: data["line"] for edge, data in _edges(graph)}
    frames = [
        street_frame(
            [lines[e] for e in sorted(main)], "main", settings.street_main_m, land.zones.crs
        ),
        street_frame(
            [lines[e] for e in sorted(chosen - main)],
            "collector",
            settings.street_collector_m,
            land.zones.crs,
        ),
    ]
    return _joined(frames)


def links(streets: gpd.GeoDataFrame, land: Ground, settings: SubdivideSettings) -> gpd.GeoDataFrame:
    """Tie together what does not meet: gates to streets, and streets to the main network.

    Each link is the shortest straight line that stays on passable land; a part that none
    reaches is left as it is, for the audit to name.

    Returns
    -------
    GeoDataFrame
        The added streets only, of class ``main`` to a gate and ``collector`` otherwise.
    """
    lines = np.asarray(streets.geometry.array, dtype=object)
    if len(lines) == 0:
        return streets.iloc[:0]
    roomy = shapely.buffer(land.passable, TOUCH_M)
    to_gates = [
        link
        for gate in land.gates
        if (link := _link(gate, shapely.union_all(lines), roomy)) is not None
    ]
    lines = np.concatenate([lines, np.asarray(to_gates, dtype=object)])
    between = _links_between(lines, land.gates, roomy)
    crs = streets.crs
    return _joined(
        [
            street_frame(to_gates, "main", settings.street_main_m, crs),
            street_frame(between, "collector", settings.street_collector_m, crs),
        ]
    )


def street_land(streets: gpd.GeoDataFrame, passable: Any) -> Any:
    """Right of way of all streets, clipped to passable land.

    Bends are rounded, and a street that ends at the park's edge is carried over it, so that
    an oblique edge leaves no wedge.
    """
    if streets.empty:
        return shapely.MultiPolygon()
    lines = np.asarray(streets.geometry.array, dtype=object)
    half_m = streets["row_m"].to_numpy() / 2
    ends = shapely.get_point(lines, np.array([[0], [-1]]))
    tree = shapely.STRtree(lines)
    meets = np.array(
        [len(tree.query(end, predicate="dwithin", distance=TOUCH_M)) for end in ends.ravel()]
    )
    free = (meets.reshape(ends.shape) == 1).any(axis=0)
    strips = shapely.buffer(lines, half_m, cap_style="flat", join_style="round", quad_segs=6)
    carried = shapely.buffer(lines[free], half_m[free], cap_style="square", quad_segs=6)
    corners = shapely.buffer(ends.ravel(), np.tile(half_m, 2), quad_segs=6)[meets > 1]
    return shapely.intersection(shapely.union_all([*strips, *carried, *corners]), passable)


def network_parts(lines: NDArray[np.object_]) -> NDArray[np.intp]:
    """Number the connected parts of a street network, shape (lines,)."""
    if len(lines) == 0:
        return np.zeros(0, dtype=np.intp)
    left, right = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=TOUCH_M)
    meeting = coo_array((np.ones(len(left), bool), (left, right)), shape=(len(lines), len(lines)))
    part: NDArray[np.intp] = connected_components(meeting, directed=False)[1].astype(np.intp)
    return part


def _joined(frames: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return frames[0].iloc[:0]
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), crs=frames[0].crs)


def _boundary_graph(land: Ground, row_m: float) -> nx.MultiGraph:
    polygons = np.asarray(land.zones.geometry.array, dtype=object)
    uses = land.zones["use"].to_numpy()
    noded = shapely.line_merge(shapely.union_all(shapely.boundary(polygons)))
    edges = shapely.get_parts(noded)
    edges = _split_at_gates(edges, polygons, land.gates)
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    edge, zone = shapely.STRtree(polygons).query(middles, predicate="dwithin", distance=TOUCH_M)
    passable = shapely.covers(shapely.buffer(land.passable, TOUCH_M), edges)
    graph = nx.MultiGraph()
    for index, line in enumerate(edges):
        beside = zone[edge == index]
        if len(beside) < 2 or not passable[index] or line.length < row_m:
            continue
        built = bool(np.isin(uses[beside], BUILT_USES).all())
        start, end = _node(line, 0), _node(line, -1)
        weight = line.length * (1.0 if built else GREEN_DETOUR)
        graph.add_edge(start, end, line=shapely.simplify(line, 1.0), weight=weight, built=built)
    return graph


def _split_at_gates(
    edges: NDArray[np.object_], polygons: NDArray[np.object_], gates: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Give each gate a node on the nearest boundary between two zones."""
    for gate in gates:
        middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
        edge, _ = shapely.STRtree(polygons).query(middles, predicate="dwithin", distance=TOUCH_M)
        inner = np.flatnonzero(np.bincount(edge, minlength=len(edges)) > 1)
        if not len(inner):
            return edges
        nearest = inner[np.argmin(shapely.distance(edges[inner], gate))]
        at_m = shapely.line_locate_point(
            edges[nearest], shapely.get_point(shapely.shortest_line(edges[nearest], gate), 0)
        )
        if TOUCH_M < at_m < edges[nearest].length - TOUCH_M:
            cut = [0.0, at_m, edges[nearest].length]
            pieces = [shapely.ops.substring(edges[nearest], a, b) for a, b in pairwise(cut)]
            edges = np.concatenate([np.delete(edges, nearest), np.asarray(pieces, dtype=object)])
    return edges


def _node(line: Any, position: int) -> tuple[float, float]:
    point = shapely.get_point(line, position)
    return (round(point.x, 2), round(point.y, 2))


def _edges(graph: nx.MultiGraph) -> list[tuple[Any, dict[str, Any]]]:
    return [((*sorted((a, b)), key), data) for a, b, key, data in graph.edges(keys=True, data=True)]


def _gate_nodes(graph: nx.MultiGraph, gates: NDArray[np.object_]) -> list[tuple[float, float]]:
    if graph.number_of_nodes() == 0:
        return []
    nodes = sorted(graph.nodes)
    points = shapely.points(nodes)
    nearest = {nodes[int(np.argmin(shapely.distance(points, gate)))] for gate in gates}
    return sorted(nearest)


def _simple(graph: nx.MultiGraph) -> nx.Graph:
    """Keep the lighter of parallel boundaries."""
    simple = nx.Graph()
    for (a, b, key), data in sorted(_edges(graph), key=lambda item: item[0]):
        if not simple.has_edge(a, b) or simple[a][b]["weight"] > data["weight"]:
            simple.add_edge(a, b, weight=data["weight"], edge=(a, b, key))
    return simple


def _tied_together(graph: nx.MultiGraph, chosen: set[Any], gates: Sequence[Any]) -> set[Any]:
    """Add the lightest boundaries that join the chosen ones, and the gates, where any do."""
    picked = nx.Graph([edge[:2] for edge in sorted(chosen)])
    picked.add_nodes_from(gates)
    anchors = [min(part) for part in nx.connected_components(picked)]
    simple = _simple(graph)
    for a, b in picked.edges:
        if simple.has_edge(a, b):
            simple[a][b]["weight"] = 0.0
    return chosen | _tree(simple, sorted(anchors))


def _tree(simple: nx.Graph, terminals: Sequence[Any]) -> set[Any]:
    """Find the light tree of boundaries that joins the terminals of each connected part."""
    chosen: set[Any] = set()
    for part in sorted(nx.connected_components(simple), key=min):
        inside = [node for node in terminals if node in part]
        if len(inside) > 1:
            tree = steiner_tree(simple.subgraph(part), inside, weight="weight", method="mehlhorn")
            chosen |= {simple[a][b]["edge"] for a, b in tree.edges}
    return chosen


def _link(start: Any, target: Any, roomy: Any) -> Any | None:
    """Shortest straight line between two geometries, if it is needed and stays on the ground."""
    line = shapely.shortest_line(start, target)
    if line is None or line.length <= TOUCH_M or not shapely.covers(roomy, line):
        return None
    return line


def _links_between(lines: NDArray[np.object_], gates: NDArray[np.object_], roomy: Any) -> list[Any]:
    added: list[Any] = []
    while True:
        everything = np.concatenate([lines, np.asarray(added, dtype=object)])
        part = network_parts(everything)
        if part.max() == 0:
            return added
        main = _main_part(everything, part, gates)
        network = shapely.union_all(everything[part == main])
        candidates = [
            link
            for other in range(part.max() + 1)
            if other != main
            and (link := _link(shapely.union_all(everything[part == other]), network, roomy))
            is not None
        ]
        if not candidates:
            return added
        added.append(min(candidates, key=lambda line: line.length))


def _main_part(
    lines: NDArray[np.object_], part: NDArray[np.intp], gates: NDArray[np.object_]
) -> int:
    """Find the part at a gate, or the longest one where no part is."""
    length_m = np.bincount(part, weights=shapely.length(lines))
    if len(gates):
        at_gate = shapely.dwithin(lines, shapely.union_all(gates), NETWORK_TOUCH_M)
        if at_gate.any():
            length_m = length_m * np.isin(np.arange(len(length_m)), part[at_gate])
    return int(np.argmax(length_m))
