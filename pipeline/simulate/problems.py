"""Error bodies and partial errors in the words of the API, lies included."""

from collections.abc import Mapping, Sequence

from pipeline.simulate.vocabulary import Json

PROBLEMS = "https://api.twitter.com/2/problems/"
UNAUTHORIZED: Json = {"type": "about:blank", "title": "Unauthorized", "detail": "Unauthorized", "status": 401}
TOO_MANY: Json = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
APP_ONLY_FORBIDDEN: Json = {
    "title": "Unsupported Authentication",
    "detail": "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.",
    "type": PROBLEMS + "unsupported-authentication",
    "status": 403,
}


def invalid_request(message: str, parameters: Mapping[str, Sequence[str]]) -> Json:
    """Body of a 400; like the platform it echoes the parameters."""
    return {
        "errors": [{"parameters": {name: list(values) for name, values in parameters.items()}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": PROBLEMS + "invalid-request",
    }


def _partial(kind: str, title: str, detail: str, parameter: str, value: str, resource: str) -> Json:
    return {
        "value": value,
        "detail": detail,
        "title": title,
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": value,
        "type": PROBLEMS + kind,
    }


def not_found(resource: str, parameter: str, value: str) -> Json:
    """`resource` is user or tweet."""
    detail = f"Could not find {resource} with {parameter}: [{value}]."
    return _partial("resource-not-found", "Not Found Error", detail, parameter, value, resource)


def suspended(parameter: str, value: str) -> Json:
    """The type says not found; only title and detail tell the truth."""
    detail = f"User has been suspended: [{value}]."
    return _partial("resource-not-found", "Forbidden", detail, parameter, value, "user")


def not_authorized(resource: str, parameter: str, value: str, *, section: str = "data") -> Json:
    """A protected account or a post of one; `section` is data or includes."""
    shown = "Tweet" if resource == "tweet" else "user"
    detail = f"Sorry, you are not authorized to see the {shown} with {parameter}: [{value}]."
    body = _partial("not-authorized-for-resource", "Authorization Error", detail, parameter, value, resource)
    return {**body, "section": section}


def field_not_authorized(field: str, parameter: str, value: str) -> Json:
    """A private metric of a post that is not the caller's, or too old."""
    detail = f"Sorry, you are not authorized to access '{field}' on the Tweet with {parameter} : [{value}]."
    body = _partial("not-authorized-for-field", "Field Authorization Error", detail, parameter, value, "tweet")
    return {**body, "field": field, "section": "data"}
