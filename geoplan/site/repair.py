"""Geometry: brought into the working CRS, made flat and valid, or refused by name.

A repair that leaves the land as it was is made and reported; one that would change it is a
guess, and the record is refused instead. Nothing is snapped here: the plan's precision grid is
applied once, later.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from geoplan.config import (
    DECLARED_AREA_SHARE_MAX,
    FIGURE_MAX,
    REPAIR_AREA_SHARE_MAX,
    ZONE_AREA_MIN_M2,
    ZONE_OVERLAP_MAX_M2,
)
from geoplan.errors import shown
from geoplan.site.columns import record_names
from geoplan.site.findings import Remarks
from geoplan.site.grids import prefix_words, recognised
from geoplan.site.schema import CONTRACTS, POLYGONS, LayerContract
from geoplan.units import M2_PER_HA

BUFFER_QUAD_SEGS = 8
"""Segments in a quarter circle of a buffer: its area is then short by 0.6 % of the circles'."""

PLACE_MAX_M = 1e8
"""No place on Earth has greater coordinates in any projection, prefixes of zones included."""

_COLLECTION = "GeometryCollection"


def to_working(
    layer: gpd.GeoDataFrame, crs: pyproj.CRS, remarks: Remarks
) -> gpd.GeoDataFrame | None:
    """Flatten a layer and bring it into the working CRS.

    Parameters
    ----------
    layer : GeoDataFrame
        As read, with the key column of its contract; not modified.
    crs : pyproj.CRS
        The working CRS; taken for the layer's own where it states none, which is reported.
    remarks : Remarks

    Returns
    -------
    GeoDataFrame or None
        None after a problem that leaves no usable coordinates.
    """
    ids = _ids(layer, remarks)
    stored = layer.geometry.to_numpy()
    deep = shapely.has_z(stored) | shapely.has_m(stored)
    if deep.any():
        remarks.info("geometry-flattened", f"heights or measures of {deep.sum()} records dropped.")
    finite = _finite(stored)
    if not finite.all():
        cause = "coordinates are not finite numbers."
        remarks.problem(cause, "Draw the records again or remove them.", ids[~finite])
        return None
    flat = layer.set_geometry(gpd.GeoSeries(shapely.force_2d(stored), crs=layer.crs))
    if shapely.is_missing(stored).all():
        return flat.set_crs(crs, allow_override=True)
    if not _plausible(flat, remarks):
        return None
    if flat.crs is None:
        assumed = _with_assumed_crs(flat, crs, remarks)
        return None if assumed is None else _transformed(assumed, crs, remarks)
    return _transformed(flat, crs, remarks)


def _plausible(layer: gpd.GeoDataFrame, remarks: Remarks) -> bool:
    """Note coordinates that cannot be what the layer's CRS, stated or assumed, says."""
    west, south, east, north = layer.total_bounds
    like_degrees = west >= -360 and east <= 360 and south >= -90 and north <= 90
    at = f"({west:.6g}, {south:.6g})"
    if layer.crs is None and like_degrees:
        cause = f"the file states no CRS, and coordinates such as {at} look like degrees."
        remarks.problem(cause, "Save the layer with its CRS, for instance EPSG:4326.")
        return False
    if layer.crs is not None and layer.crs.is_geographic and not like_degrees:
        cause = f"coordinates such as {at} are not degrees, but the CRS is '{layer.crs.name}'."
        remedy = "Save the layer with the CRS it is in; GeoJSON without one counts as WGS 84."
        remarks.problem(cause, remedy)
        return False
    return True


def _with_assumed_crs(
    layer: gpd.GeoDataFrame, crs: pyproj.CRS, remarks: Remarks
) -> gpd.GeoDataFrame | None:
    """Take plain numbers for the working CRS, or for the zone that their eastings begin with."""
    geometries = layer.geometry.to_numpy()
    places, owners = shapely.get_coordinates(geometries, return_index=True)
    grid = recognised(places[:, 0], places[:, 1], crs, orders=(False, True))
    if not grid.fits or not grid.placed.all():
        at = "({:.10g}, {:.10g})".format(*places[np.argmin(grid.placed)])
        remarks.problem(
            f"the file states no CRS, and coordinates such as {at} do not lie where "
            f"'{grid.crs.name}' is used.",
            "Save the layer with its CRS, or check [site] crs.",
            _ids(layer, remarks)[np.unique(owners[~grid.placed])],
        )
        return None
    if grid.north_first:
        remarks.warning(
            "axis-order",
            "its first coordinates are northings; they were exchanged with the eastings.",
            "Save the layer with east before north, as its format asks.",
        )
        turned = shapely.transform(geometries, lambda pairs: pairs[:, ::-1])
        layer = layer.set_geometry(gpd.GeoSeries(turned, crs=None))
    remarks.info(
        "crs-assumed",
        f"the file states no CRS; its coordinates were taken as '{grid.crs.name}'"
        f"{prefix_words(grid)}.",
        "Save the layer with its CRS.",
    )
    return layer.set_crs(grid.crs)


def _transformed(
    layer: gpd.GeoDataFrame, crs: pyproj.CRS, remarks: Remarks
) -> gpd.GeoDataFrame | None:
    try:
        moved = layer.to_crs(crs)
    except (pyproj.exceptions.ProjError, pyproj.exceptions.CRSError) as error:
        cause = f"PROJ cannot bring '{layer.crs.name}' to '{crs.name}' ({error})."
        remarks.problem(cause, "Save the layer in the working CRS.")
        return None
    placed = _finite(moved.geometry.to_numpy(), most=PLACE_MAX_M)
    if not placed.all():
        remarks.problem(
            f"coordinates lie where '{crs.name}' is not defined.",
            "Check the layer's CRS and the working CRS.",
            _ids(layer, remarks)[~placed],
        )
        return None
    return moved


def _finite(geometries: npt.NDArray[np.object_], *, most: float = np.inf) -> npt.NDArray[np.bool_]:
    """Tell geometries whose coordinates are all finite, and no greater than `most`."""
    coordinates, owners = shapely.get_coordinates(geometries, return_index=True)
    finite = np.ones(len(geometries), dtype=bool)
    there = np.isfinite(coordinates) & (np.abs(coordinates) <= most)
    finite[owners[~there.all(axis=1)]] = False
    return finite


def repair(layer: gpd.GeoDataFrame, remarks: Remarks) -> gpd.GeoDataFrame:
    """Make a layer's geometry valid and of the types that its contract allows.

    Parameters
    ----------
    layer : GeoDataFrame
        In the working CRS, two-dimensional; not modified.
    remarks : Remarks
        Takes down absent geometry, wrong types, repairs, and repairs refused because they
        change more than :data:`geoplan.config.REPAIR_AREA_SHARE_MAX` of the area.

    Returns
    -------
    GeoDataFrame
        Multi-geometries of one part are unwrapped; empty geometry is null.
    """
    contract = CONTRACTS[remarks.layer]
    ids = _ids(layer, remarks)
    geometries = layer.geometry.to_numpy().copy()
    geometries[shapely.is_empty(geometries)] = None
    absent = shapely.is_missing(geometries)
    if absent.any() and contract.geometry_required:
        remarks.problem("there is no geometry.", "Draw it or remove the record.", ids[absent])
    geometries = _reduced(geometries, ids, contract, remarks)
    geometries = _made_valid(geometries, ids, remarks)
    geometries = _unwrapped(geometries)
    _check_types(geometries, ids, contract, remarks)
    return layer.set_geometry(gpd.GeoSeries(geometries, crs=layer.crs))


def _reduced(
    geometries: npt.NDArray[np.object_],
    ids: npt.NDArray[np.object_],
    contract: LayerContract,
    remarks: Remarks,
) -> npt.NDArray[np.object_]:
    """Keep the polygons of collections where the contract asks for polygons."""
    mixed = np.flatnonzero(
        shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION
    )
    if _COLLECTION in contract.geometry or POLYGONS - contract.geometry:
        return geometries
    for row in mixed:
        polygons = _polygons_of(geometries[row])
        if polygons is None:
            continue
        geometries[row] = polygons
        remarks.warning(
            "geometry-reduced",
            "it is a collection of several geometry types; only its polygons are kept.",
            "Store polygons alone.",
            subject=str(ids[row]),
            geometry=polygons,
        )
    return geometries


def _polygons_of(collection: shapely.Geometry) -> shapely.MultiPolygon | None:
    parts = np.array([collection], dtype=object)
    # Collections may lie in collections; each pass opens one level.
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts = shapely.get_parts(parts)
    polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return shapely.multipolygons(polygons) if len(polygons) else None


def _made_valid(
    geometries: npt.NDArray[np.object_], ids: npt.NDArray[np.object_], remarks: Remarks
) -> npt.NDArray[np.object_]:
    """Repair invalid geometry, and refuse repairs that would change the land."""
    for row in np.flatnonzero(~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)):
        before = geometries[row]
        reason = shapely.is_valid_reason(before)
        after = shapely.make_valid(before, method="structure", keep_collapsed=False)
        change_m2 = after.area - before.area
        greatest_m2 = max(after.area, before.area)
        change_share = abs(change_m2) / greatest_m2 if greatest_m2 else 1.0
        if change_share > REPAIR_AREA_SHARE_MAX:
            remarks.problem(
                f"the geometry is invalid ({reason}), and a repair would change its area from "
                f"{before.area:,.1f} to {after.area:,.1f} m2.",
                "Redraw it, so that its edges do not cross.",
                [ids[row]],
            )
            continue
        geometries[row] = after
        remarks.warning(
            "geometry-repaired",
            f"it was invalid ({reason}) and was repaired; its area changed by "
            f"{change_m2:+.3f} m2 ({change_share:.4%}).",
            "Look at the place, and store the repaired geometry.",
            subject=str(ids[row]),
            geometry=after,
        )
    return geometries


def _unwrapped(geometries: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Take single geometries out of multi-geometries of one part."""
    many = shapely.get_type_id(geometries) > shapely.GeometryType.POLYGON
    single = many & (shapely.get_num_geometries(geometries) == 1)
    geometries[single] = shapely.get_geometry(geometries[single], 0)
    return geometries


def _check_types(
    geometries: npt.NDArray[np.object_],
    ids: npt.NDArray[np.object_],
    contract: LayerContract,
    remarks: Remarks,
) -> None:
    types = np.array([None if g is None else g.geom_type for g in geometries], dtype=object)
    wrong = np.array([t is not None and t not in contract.geometry for t in types], dtype=bool)
    if wrong.any():
        found = shown(sorted(set(types[wrong])))
        allowed = ", ".join(sorted(contract.geometry))
        remarks.problem(f"the geometry is {found}.", f"Allowed here: {allowed}.", ids[wrong])


def buffered(exclusions: gpd.GeoDataFrame, remarks: Remarks) -> gpd.GeoDataFrame:
    """Apply the exclusions' buffers, in metres, with round joins.

    Parameters
    ----------
    exclusions : GeoDataFrame
        Valid geometry in the working CRS and ``buffer_m``; not modified.
    remarks : Remarks
        Takes down lines and points that no buffer gives an area.

    Returns
    -------
    GeoDataFrame
        With (multi)polygons as geometry.
    """
    geometries = exclusions.geometry.to_numpy().copy()
    buffer_m = exclusions["buffer_m"].to_numpy(dtype="float64")
    wide = (buffer_m > 0) & (buffer_m <= FIGURE_MAX)  # the contract refuses the rest
    geometries[wide] = shapely.buffer(
        geometries[wide], buffer_m[wide], quad_segs=BUFFER_QUAD_SEGS, join_style="round"
    )
    flat = ~shapely.is_missing(geometries) & (shapely.get_dimensions(geometries) < 2)
    if flat.any():
        cause = "a line or point takes up no land without a buffer."
        ids = _ids(exclusions, remarks)[flat]
        remarks.problem(cause, "Give it a buffer_m above zero, in metres.", ids)
    mixed = shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION
    for row in np.flatnonzero(mixed & ~flat):
        geometries[row] = _polygons_of(geometries[row])
    return exclusions.set_geometry(gpd.GeoSeries(_unwrapped(geometries), crs=exclusions.crs))


def check_land(layer: gpd.GeoDataFrame, remarks: Remarks) -> gpd.GeoDataFrame:
    """Note zones or plots without land, and those that claim the same land.

    Parameters
    ----------
    layer : GeoDataFrame
        In the working CRS; not modified.
    remarks : Remarks
        Takes down records of less than :data:`geoplan.config.ZONE_AREA_MIN_M2`, and pairs
        that overlap by more than :data:`geoplan.config.ZONE_OVERLAP_MAX_M2`.

    Returns
    -------
    GeoDataFrame
        The records that are valid polygons with land.
    """
    valid = shapely.is_valid(layer.geometry.to_numpy()) & layer.geom_type.isin(POLYGONS)
    small = valid & (layer.area < ZONE_AREA_MIN_M2)
    if small.any():
        cause = f"the {remarks.layer.removesuffix('s')} measures less than {ZONE_AREA_MIN_M2:g} m2."
        remarks.problem(cause, "Redraw or remove it.", _ids(layer[small], remarks))
    sound = layer[valid & ~small]
    _note_overlaps(sound.geometry.to_numpy(), _ids(sound, remarks), remarks)
    return sound


def _note_overlaps(
    geometries: npt.NDArray[np.object_], ids: npt.NDArray[np.object_], remarks: Remarks
) -> None:
    first, second = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    common = shapely.intersection(geometries[first], geometries[second])
    for pair in np.flatnonzero(shapely.area(common) > ZONE_OVERLAP_MAX_M2):
        place = shapely.point_on_surface(common[pair])
        area, near = common[pair].area, f"({place.x:.0f}, {place.y:.0f})"
        remarks.problem(
            f"{remarks.layer} overlap by {area:,.1f} m2 near {near}.",
            "Cut the common land from one of them.",
            [ids[first[pair]], ids[second[pair]]],
        )


def check_declared(plots: gpd.GeoDataFrame, remarks: Remarks) -> None:
    """Note plots whose declared area is unlike the measured one.

    Parameters
    ----------
    plots : GeoDataFrame
        ``area_declared_ha`` and polygons in the working CRS.
    remarks : Remarks
        Takes down differences of more than :data:`geoplan.config.DECLARED_AREA_SHARE_MAX`.
    """
    declared = plots["area_declared_ha"].to_numpy(dtype="float64")
    measured = plots.area.to_numpy() / M2_PER_HA
    off = np.abs(measured - declared) > DECLARED_AREA_SHARE_MAX * declared
    for row in np.flatnonzero(off):
        remarks.warning(
            "declared-area",
            f"{declared[row]:.4f} ha are declared, {measured[row]:.4f} ha measured.",
            "Check the boundary against the deed.",
            subject=str(plots["plot_id"].iloc[row]),
            geometry=plots.geometry.iloc[row],
        )


def _ids(layer: gpd.GeoDataFrame, remarks: Remarks) -> npt.NDArray[np.object_]:
    return record_names(layer[CONTRACTS[remarks.layer].key]).to_numpy(dtype=object)
