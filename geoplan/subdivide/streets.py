"""Streets: the backbone along zone boundaries, links to what stands apart, and their land.

Main streets join the gates, collectors run between built zones; local streets come from the
layout of each zone. A centreline and its right of way are made here for all three classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.ops
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geoplan.config import SubdivideSettings
from geoplan.subdivide.right_of_way import NETWORK_TOUCH_M
from geoplan.subdivide.ways import TOUCH_M, Ways

if TYPE_CHECKING:
    import networkx as nx

DOUBLED_SHARE = 0.7
"""A zone boundary that an existing street follows for more needs none of its own."""

GREEN_DETOUR = 1.6
"""A main street along green land counts this much longer, so that it rather serves plots."""

SIDING = "siding"
"""Kind of the exclusion that a railway siding's right of way is."""
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
    passable_zones : ndarray of Polygon or MultiPolygon
        The same zone by zone.
    gates : ndarray of Point or LineString
        Where public roads arrive.
    tracks, crossed_tracks : Polygon or MultiPolygon
        Sidings that streets may not cross, and those that they may cross, but not follow.
    """

    zones: gpd.GeoDataFrame
    passable: Any
    passable_zones: NDArray[np.object_]
    gates: NDArray[np.object_]
    tracks: Any = field(default_factory=shapely.MultiPolygon)
    crossed_tracks: Any = field(default_factory=shapely.MultiPolygon)


def ground(
    zones: gpd.GeoDataFrame, exclusions: gpd.GeoDataFrame, gates: gpd.GeoDataFrame
) -> Ground:
    """Find where streets may lie: on the zones, not across water or buildings."""
    polygons = np.asarray(zones.geometry.array, dtype=object)
    barred = exclusions.geometry[~exclusions["crossable"].astype(bool)]
    barriers = np.asarray(barred.array, dtype=object)
    by_zone = polygons.copy()
    zone, barrier = shapely.STRtree(barriers).query(polygons, predicate="intersects")
    for index in np.unique(zone):
        across = shapely.union_all(barriers[barrier[zone == index]])
        by_zone[index] = shapely.difference(polygons[index], across)
    passable = shapely.difference(shapely.union_all(polygons), shapely.union_all(barriers))
    roads = gates.geometry[gates["kind"] != "rail"].array
    tracks = (_tracks(exclusions, crossable=crossable) for crossable in (False, True))
    return Ground(zones, passable, by_zone, np.asarray(roads, dtype=object), *tracks)


def _tracks(exclusions: gpd.GeoDataFrame, *, crossable: bool) -> Any:
    """Right of way of sidings that have level crossings, or have none."""
    if "kind" not in exclusions:
        return shapely.MultiPolygon()
    mine = (exclusions["kind"] == SIDING) & (exclusions["crossable"].astype(bool) == crossable)
    return shapely.union_all(exclusions.geometry[mine].array)


def street_frame(
    lines: Sequence[Any] | NDArray[np.object_], street_class: str, row_m: float, crs: Any
) -> gpd.GeoDataFrame:
    """Make a streets layer of one class: columns ``class``, ``row_m``, geometry."""
    data = {"class": [street_class] * len(lines), "row_m": np.full(len(lines), float(row_m))}
    return gpd.GeoDataFrame(data, geometry=list(lines), crs=crs)


def existing(
    roads: gpd.GeoDataFrame, passable: Any, settings: SubdivideSettings
) -> gpd.GeoDataFrame:
    """Take over streets that exist, as far as they lie on passable land.

    Parameters
    ----------
    roads : GeoDataFrame
        ``class`` and ``row_m``, null where the class's own right of way counts; lines.
    passable : Polygon or MultiPolygon
    settings : SubdivideSettings
    """
    roads = widened(roads, settings)
    inside = shapely.intersection(np.asarray(roads.geometry.array, dtype=object), passable)
    lines, road = shapely.get_parts(inside, return_index=True)
    linear = shapely.length(lines) > TOUCH_M
    lines, road = lines[linear], road[linear]
    street_class = roads["class"].to_numpy(dtype=object)[road]
    data = {"class": street_class, "row_m": roads["row_m"].to_numpy(dtype=float)[road]}
    return gpd.GeoDataFrame(data, geometry=list(lines), crs=roads.crs)


def widened(roads: gpd.GeoDataFrame, settings: SubdivideSettings) -> gpd.GeoDataFrame:
    """Give existing streets the right of way of their class where they state none."""
    by_class = roads["class"].map(settings.rows_m).astype("float64")
    return roads.assign(row_m=roads["row_m"].astype("float64").fillna(by_class))


def not_along(streets: gpd.GeoDataFrame, taken: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out streets of which most lies within the right of way of others."""
    if taken.empty or streets.empty:
        return streets
    land = shapely.union_all(shapely.buffer(taken.geometry.array, taken["row_m"].to_numpy()))
    lines = np.asarray(streets.geometry.array, dtype=object)
    doubled_m = shapely.length(shapely.intersection(lines, land))
    return streets[doubled_m < DOUBLED_SHARE * shapely.length(lines)].reset_index(drop=True)


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
    if len(land.zones) < 2:
        return street_frame([], "main", settings.street_main_m, land.zones.crs)
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

    Each link is the shortest straight line if that stays on passable land, else a way round
    its corners; a part that none reaches is left as it is.

    Returns
    -------
    GeoDataFrame
        The added streets only, of class ``main`` to a gate and ``collector`` otherwise.
    """
    lines = np.asarray(streets.geometry.array, dtype=object)
    if len(lines) == 0:
        return streets.iloc[:0]
    ways = Ways(land.passable, settings.street_collector_m / 2)
    to_gates = _links_to_gates(lines, land, ways)
    lines = np.concatenate([lines, np.asarray(to_gates, dtype=object)])
    between = _links_between(lines, land.gates, ways)
    crs = streets.crs
    return _joined(
        [
            street_frame(to_gates, "main", settings.street_main_m, crs),
            street_frame(between, "collector", settings.street_collector_m, crs),
        ]
    )


def _links_to_gates(lines: NDArray[np.object_], land: Ground, ways: Ways) -> list[Any]:
    if not len(land.gates):
        return []
    everything = shapely.union_all(lines)
    starts = [_on_land(gate, land.passable) for gate in land.gates]
    return [
        link
        for start in starts
        if start is not None
        and shapely.distance(start, everything) > TOUCH_M
        and (link := ways.straight(start, everything) or ways.bent(start, everything)) is not None
    ]


def _on_land(gate: Any, passable: Any) -> Any | None:
    """Where a road arrives on passable land; None if it ends too far from it."""
    if shapely.intersects(gate, passable):
        return shapely.intersection(gate, passable)
    line = shapely.shortest_line(passable, gate)
    if line is None or line.length > NETWORK_TOUCH_M:
        return None
    return shapely.get_point(line, 0)


def network_parts(lines: NDArray[np.object_]) -> NDArray[np.intp]:
    """Give each line the number of its connected part of the network, shape (lines,)."""
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


def _boundary_graph(land: Ground, row_m: float) -> nx.MultiGraph[Any]:
    import networkx

    polygons = np.asarray(land.zones.geometry.array, dtype=object)
    uses = land.zones["use"].to_numpy()
    noded = shapely.line_merge(shapely.union_all(shapely.boundary(polygons)))
    edges = shapely.get_parts(noded)
    if not shapely.is_empty(land.tracks):
        # A street may end at the rails; a boundary that runs into them still carries one.
        ahead = shapely.difference(edges, shapely.buffer(land.tracks, TOUCH_M))
        edges = shapely.get_parts(ahead)
    edges = _split_at_gates(edges, polygons, land.gates)
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    edge, zone = shapely.STRtree(polygons).query(middles, predicate="dwithin", distance=TOUCH_M)
    passable = shapely.covers(shapely.buffer(land.passable, TOUCH_M), edges)
    if not shapely.is_empty(land.crossed_tracks):
        followed_m = shapely.length(shapely.intersection(edges, land.crossed_tracks))
        passable &= followed_m < DOUBLED_SHARE * shapely.length(edges)
    graph: nx.MultiGraph[Any] = networkx.MultiGraph()
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


def _edges(graph: nx.MultiGraph[Any]) -> list[tuple[Any, dict[str, Any]]]:
    return [((*sorted((a, b)), key), data) for a, b, key, data in graph.edges(keys=True, data=True)]


def _gate_nodes(graph: nx.MultiGraph[Any], gates: NDArray[np.object_]) -> list[tuple[float, float]]:
    if graph.number_of_nodes() == 0:
        return []
    nodes = sorted(graph.nodes)
    points = shapely.points(nodes)
    nearest = {nodes[int(np.argmin(shapely.distance(points, gate)))] for gate in gates}
    return sorted(nearest)


def _simple(graph: nx.MultiGraph[Any]) -> nx.Graph[Any]:
    """Keep the lighter of parallel boundaries."""
    import networkx

    simple: nx.Graph[Any] = networkx.Graph()
    for (a, b, key), data in sorted(_edges(graph), key=lambda item: item[0]):
        if not simple.has_edge(a, b) or simple[a][b]["weight"] > data["weight"]:
            simple.add_edge(a, b, weight=data["weight"], edge=(a, b, key))
    return simple


def _tied_together(graph: nx.MultiGraph[Any], chosen: set[Any], gates: Sequence[Any]) -> set[Any]:
    """Add the lightest boundaries that join the chosen ones, and the gates, where any do."""
    import networkx

    picked: nx.Graph[Any] = networkx.Graph([edge[:2] for edge in sorted(chosen)])
    picked.add_nodes_from(gates)
    anchors = [min(part) for part in networkx.connected_components(picked)]
    simple = _simple(graph)
    for a, b in picked.edges:
        if simple.has_edge(a, b):
            simple[a][b]["weight"] = 0.0
    return chosen | _tree(simple, sorted(anchors))


def _tree(simple: nx.Graph[Any], terminals: Sequence[Any]) -> set[Any]:
    """Find the light tree of boundaries that joins the terminals of each connected part."""
    # Slow to import, and a park of one zone needs none of it.
    import networkx
    from networkx.algorithms.approximation import steiner_tree

    chosen: set[Any] = set()
    for part in sorted(networkx.connected_components(simple), key=min):
        inside = [node for node in terminals if node in part]
        if len(inside) > 1:
            tree = steiner_tree(simple.subgraph(part), inside, weight="weight", method="mehlhorn")
            chosen |= {simple[a][b]["edge"] for a, b in tree.edges}
    return chosen


def _links_between(lines: NDArray[np.object_], gates: NDArray[np.object_], ways: Ways) -> list[Any]:
    added: list[Any] = []
    while True:
        everything = np.concatenate([lines, np.asarray(added, dtype=object)])
        part = network_parts(everything)
        if not part.any():
            return added
        main = _main_part(everything, part, gates)
        network = everything[part == main]
        others = [
            shapely.union_all(everything[part == other])
            for other in range(part.max() + 1)
            if other != main
        ]
        near = _nearest_of(network, others)
        found = [
            way
            for other, streets in zip(others, near, strict=True)
            if (way := ways.straight(other, streets)) is not None
        ]
        if not found:
            whole = shapely.union_all(network)
            found = [way for other in others if (way := ways.bent(other, whole)) is not None]
        if not found:
            return added
        added.append(min(found, key=lambda way: way.length))


def _nearest_of(network: NDArray[np.object_], others: Sequence[Any]) -> list[Any]:
    """Unite the streets of a network that are nearest to each of several others.

    They are noded with those that they meet, as they would be in the whole network; to unite all
    of it for every street that stands apart takes long.
    """
    tree = shapely.STRtree(network)
    found = []
    for other in others:
        reach_m = shapely.distance(other, network[tree.nearest(other)]) + TOUCH_M
        near = tree.query(other, predicate="dwithin", distance=reach_m)
        meeting = np.unique(tree.query(network[near], predicate="intersects")[1])
        found.append(shapely.union_all(network[meeting]))
    return found


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
