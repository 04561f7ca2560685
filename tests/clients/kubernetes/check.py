"""Checks docs/operations/kubernetes.yaml against the schemas of Kubernetes, which the package brings along, and what its
parts say of each other and of the service: check.py MANIFEST OPENAPI"""

import json
import sys

import kubernetes_validate
import yaml

# The oldest and the newest version of Kubernetes that is checked.
VERSIONS = ("1.27", "1.37")
# service.shutdown_seconds
SHUTDOWN = 20

manifest, openapi = sys.argv[1:]
with open(manifest, encoding="utf-8") as file:
    parts = list(yaml.safe_load_all(file))
with open(openapi, encoding="utf-8") as file:
    paths = json.load(file)["paths"]

for part in parts:
    for version in VERSIONS:
        kubernetes_validate.validate(part, version, strict=True)

by_kind = {part["kind"]: part for part in parts}
assert len(by_kind) == len(parts) == 4, list(by_kind)
spec = {kind: part["spec"] for kind, part in by_kind.items()}
pod = spec["Deployment"]["template"]
labels = pod["metadata"]["labels"]
container = pod["spec"]["containers"][0]

selectors = {
    "Deployment": spec["Deployment"]["selector"]["matchLabels"],
    "Service": spec["Service"]["selector"],
    "PodDisruptionBudget": spec["PodDisruptionBudget"]["selector"]["matchLabels"],
    "NetworkPolicy": spec["NetworkPolicy"]["podSelector"]["matchLabels"],
}
for kind, selector in selectors.items():
    assert selector and selector.items() <= labels.items(), f"{kind} selects other pods: {selector}"

ports = {port["name"] for port in container["ports"]}
named = [port["targetPort"] for port in spec["Service"]["ports"]]
named += [port["port"] for rule in spec["NetworkPolicy"]["ingress"] for port in rule["ports"]]
for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
    get = container[probe]["httpGet"]
    named.append(get["port"])
    assert "get" in paths[get["path"]], f"{probe} asks {get['path']}"
assert set(named) <= ports, f"unknown ports: {named}"

# Requests still come for so long after SIGTERM.
readiness = container["readinessProbe"]
noticed = readiness["periodSeconds"] * readiness["failureThreshold"]
env = {variable["name"]: variable["value"] for variable in container["env"]}
drain = int(env["CLINIC_AUTH__SERVICE__DRAIN_SECONDS"])
assert noticed < drain, f"{noticed} s until nothing is sent, {drain} s until nothing is taken"
assert drain + SHUTDOWN < pod["spec"]["terminationGracePeriodSeconds"], "killed while it finishes"

mounts = tuple(mount["mountPath"] + "/" for mount in container["volumeMounts"])
for name, value in env.items():
    assert not name.endswith("_FILE") or value.startswith(mounts), f"{name} is not mounted"
assert pod["spec"]["volumes"][0]["secret"]["secretName"] == by_kind["Deployment"]["metadata"]["name"]

print(f"{len(parts)} parts, Kubernetes {' and '.join(VERSIONS)}")
