"""The service from Python: `Client("https://fairlead.example", key)`.

Plans of the service have what plans of a local run have, so that notebooks work with both.
"""

from api.client.client import Client
from api.client.errors import ApiError
from api.client.local_plan import LocalPlan
from api.client.plan import AnyPlan
from api.client.remote_plan import RemotePlan

__all__ = ["AnyPlan", "ApiError", "Client", "LocalPlan", "RemotePlan"]
