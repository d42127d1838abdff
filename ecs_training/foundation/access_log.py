"""What gunicorn writes when an operator turns its access log on: no secret address."""

from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

from ecs_training.foundation.references import mask_secrets


class MaskingLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own log, whatever its format, without calendar addresses and one-time links."""

    def atoms(
        self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta
    ) -> dict[str, Any]:
        told: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return {
            name: mask_secrets(value) if isinstance(value, str) else value
            for name, value in told.items()
        }
