"""What a hectare of a sector takes in and sends out in a year, for portfolios without figures."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from geoplan.config.settings import NotNegative, Settings


class FlowNorm(Settings):
    """Goods of one sector: ``[flows.SECTOR]`` of a norm profile."""

    commodity: str = Field(description="what it sends")
    in_t_ha: NotNegative = Field(description="tonnes that come in a year for each hectare")
    out_t_ha: NotNegative = Field(description="tonnes that go out a year for each hectare")
    rail_share: float = Field(ge=0, le=1, description="share of both by rail gates")
    road_share: float = Field(ge=0, le=1, description="share of both by road gates")
    warehouse_share: float = Field(ge=0, le=1, description="share of both by warehouse sectors")
    stores: tuple[str, ...] = Field(
        default=(), description="sectors whose goods it stores, in proportion to its area"
    )
    source: str
    confidence: Literal["H", "M", "L"]

    @model_validator(mode="after")
    def _whole(self) -> FlowNorm:
        if abs(self.rail_share + self.road_share + self.warehouse_share - 1.0) > 1e-9:
            raise ValueError("rail_share, road_share and warehouse_share add up to 1")
        return self
