"""What all parts of a result file are made of (see wedload.results.model)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """What every part of a result has in common."""

    model_config = ConfigDict(extra="ignore", frozen=True)
