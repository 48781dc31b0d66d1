"""Makes calls with OVHcloud's own client. Reads {endpoint, keys, calls} from stdin, answers what each came to."""

import json
import sys

import ovh
import ovh.client
from ovh.exceptions import APIError

task = json.load(sys.stdin)
ovh.client.ENDPOINTS["under-test"] = task["endpoint"]
keys = task["keys"]
client = ovh.Client(
    endpoint="under-test",
    application_key=keys["applicationKey"],
    application_secret=keys["applicationSecret"],
    consumer_key=keys["consumerKey"],
)


def outcome(call):
    try:
        return {"answer": client.call(call["method"], call["path"], call.get("body"), True)}
    except APIError as error:
        return {"error": type(error).__name__, "message": str(error)}


print(json.dumps([outcome(call) for call in task["calls"]]))
