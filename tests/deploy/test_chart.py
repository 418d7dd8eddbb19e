"""The Helm chart: it lints, renders what Kubernetes takes, and keeps its promises."""

import json
from typing import Any

import kubernetes_validate
import pytest

from server.settings import TABLE, Settings
from tests.deploy.chart import CHART, of_kind, rendered, run

KUBERNETES = ("1.27", "1.34")
# Resources of others, whose schemas Kubernetes does not carry.
_CUSTOM = {"ServiceMonitor", "HTTPRoute"}
_SECRETS = {
    "ONEINCH_API_KEY",
    "ALGOD_TOKEN",
    "ROUTER_SECRET",
    "ROUTER_HMAC_SECRET",
    "REDIS_URL",
    "UPSTREAM_PROXY",
}
_SET_BY_CHART = {"HOST", "METRICS_PORT", "PORT", "REPLICAS"}

EVERYTHING: dict[str, Any] = {
    "settings": {"PROFILE": "supergraph", "ONEINCH_RPS": 10, "GRAPHIQL": False},
    "secrets": {"ONEINCH_API_KEY": "x" * 32},
    "image": {"digest": "sha256:" + "0" * 64},
    "imagePullSecrets": [{"name": "pull"}],
    "serviceAccount": {"annotations": {"a": "b"}},
    "extraEnvVars": [{"name": "TZ", "value": "UTC"}],
    "extraEnvVarsCM": "more",
    "extraEnvVarsSecret": "more",
    "autoscaling": {"enabled": True, "maxReplicas": 7},
    "ingress": {
        "enabled": True,
        "className": "nginx",
        "annotations": {"a": "b"},
        "hosts": [{"host": "g.example", "paths": [{"path": "/graphql", "pathType": "Exact"}]}],
        "tls": [{"secretName": "tls", "hosts": ["g.example"]}],
    },
    "httpRoute": {"enabled": True, "parentRefs": [{"name": "gw"}], "hostnames": ["g.example"]},
    "serviceMonitor": {
        "enabled": True,
        "labels": {"release": "prometheus"},
        "bearerTokenSecret": {"name": "keys", "key": "ROUTER_SECRET"},
    },
    "networkPolicy": {
        "ingressFrom": [{"namespaceSelector": {"matchLabels": {"name": "router"}}}],
        "metricsFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
    },
    "podAnnotations": {"a": "b"},
    "podLabels": {"team": "wallets"},
    "priorityClassName": "high",
    "nodeSelector": {"kubernetes.io/arch": "arm64"},
    "tolerations": [{"key": "k", "operator": "Exists"}],
    "affinity": {"podAntiAffinity": {}},
    "topologySpreadConstraints": [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
        }
    ],
    "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
    "extraVolumeMounts": [{"name": "ca", "mountPath": "/ca"}],
    "initContainers": [{"name": "wait", "image": "busybox"}],
    "extraContainers": [{"name": "side", "image": "busybox"}],
    "lifecycle": {"preStop": {"exec": {"command": ["sleep", "1"]}}},
    "redis": {"enabled": True},
}
CASES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "everything": EVERYTHING,
    "existing secret": {"existingSecret": "keys", "networkPolicy": {"redisPort": 6380}},
    "least": {
        "serviceAccount": {"create": False},
        "podDisruptionBudget": {"enabled": False},
        "networkPolicy": {"enabled": False},
        "replicaCount": 1,
        "containerPorts": {"metrics": 0},
        "serviceMonitor": {"enabled": True},
    },
}
all_cases = pytest.mark.parametrize("values", CASES.values(), ids=CASES)


@all_cases
def test_it_lints(values: dict[str, Any]) -> None:
    done = run("lint", "--strict", str(CHART), values=values)

    assert done.returncode == 0, done.stdout + done.stderr


@all_cases
@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_takes_every_manifest(values: dict[str, Any], version: str) -> None:
    manifests = [each for each in rendered(values) if each["kind"] not in _CUSTOM]

    assert len(manifests) >= 4
    for manifest in manifests:
        kubernetes_validate.validate(manifest, version, strict=True)


@all_cases
def test_names_are_unique_and_selectors_find_the_pods(values: dict[str, Any]) -> None:
    manifests = rendered(values)

    names = [(each["kind"], each["metadata"]["name"]) for each in manifests]
    assert len(names) == len(set(names))
    pods = [each["spec"]["template"] for each in of_kind(manifests, "Deployment")]
    for service in of_kind(manifests, "Service"):
        selector = service["spec"]["selector"].items()
        found = [pod for pod in pods if selector <= pod["metadata"]["labels"].items()]
        assert len(found) == 1
        ports = {
            port["name"] for box in found[0]["spec"]["containers"] for port in box.get("ports", [])
        }
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


def _pods(manifests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    deployed = [each["spec"]["template"]["spec"] for each in of_kind(manifests, "Deployment")]
    return deployed + [each["spec"] for each in of_kind(manifests, "Pod")]


def test_every_pod_keeps_to_the_restricted_standard() -> None:
    pods = _pods(rendered({"redis": {"enabled": True}}))

    assert len(pods) == 3
    for pod in pods:
        context = pod["securityContext"]
        assert pod["automountServiceAccountToken"] is False
        assert context["runAsNonRoot"] is True
        assert context["runAsUser"] > 0
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "cpu" not in container["resources"].get("limits", {})
            assert "memory" in container["resources"]["limits"]


def test_its_settings_are_those_of_the_product() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]
    variables = {variable.name for variable in TABLE}

    assert set(schema["secrets"]["propertyNames"]["enum"]) == _SECRETS
    assert variables >= _SECRETS
    assert variables >= _SET_BY_CHART
    assert schema["settings"]["propertyNames"]["enum"] == sorted(
        variables - _SECRETS - _SET_BY_CHART
    )


@all_cases
def test_the_product_takes_the_environment_it_gets(values: dict[str, Any]) -> None:
    manifests = rendered(values)
    name = "graph-walletgraph"
    given = next(each for each in of_kind(manifests, "ConfigMap") if _name(each) == name)["data"]
    for secret in of_kind(manifests, "Secret"):
        given |= secret["stringData"]

    settings = Settings.from_env(given)

    assert settings.host == "0.0.0.0"
    assert settings.replicas == {"least": 1, "everything": 7}.get(_case(values), 2)
    grace = settings.drain_seconds + settings.request_deadline_seconds + 2
    assert _deployment(manifests)["spec"]["terminationGracePeriodSeconds"] > grace


def test_a_changed_setting_or_secret_restarts_the_pods() -> None:
    def checksums(values: dict[str, Any]) -> dict[str, str]:
        found = _deployment(rendered(values))["metadata"]["annotations"]
        return {key: value for key, value in found.items() if key.startswith("checksum/")}

    plain = checksums({"secrets": {"ALGOD_TOKEN": "a"}})
    assert checksums({"secrets": {"ALGOD_TOKEN": "a"}}) == plain
    other_secret = checksums({"secrets": {"ALGOD_TOKEN": "b"}})
    other_setting = checksums({"secrets": {"ALGOD_TOKEN": "a"}, "settings": {"ONEINCH_RPS": 2}})

    assert other_secret["checksum/config"] == plain["checksum/config"]
    assert other_secret["checksum/secret"] != plain["checksum/secret"]
    assert other_setting["checksum/config"] != plain["checksum/config"]


def test_an_existing_secret_is_used_and_none_is_made() -> None:
    manifests = rendered({"existingSecret": "keys", "secrets": {"ALGOD_TOKEN": "ignored"}})

    assert of_kind(manifests, "Secret") == []
    sources = _deployment(manifests)["spec"]["containers"][0]["envFrom"]
    assert {"secretRef": {"name": "keys"}} in sources


def test_probes_ask_the_process_alone() -> None:
    container = _deployment(rendered())["spec"]["containers"][0]
    paths = {
        name: container[name]["httpGet"]["path"]
        for name in ("startupProbe", "livenessProbe", "readinessProbe")
    }

    assert paths == {
        "startupProbe": "/health/live",
        "livenessProbe": "/health/live",
        "readinessProbe": "/health/ready",
    }


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"replicas": 3}, "replicas"),
        ({"settings": {"ONEINCH_RSP": 1}}, "ONEINCH_RSP"),
        ({"settings": {"ONEINCH_API_KEY": "x"}}, "ONEINCH_API_KEY"),
        ({"secrets": {"PASSWORD": "x"}}, "PASSWORD"),
        ({"image": {"digest": "latest"}}, "digest"),
        ({"autoscaling": {"enabled": True, "maxReplicas": 0}}, "maxReplicas"),
        ({"ingress": {"enabled": True, "hosts": [{"host": "g.example"}]}}, "paths"),
        ({"containerPorts": {"http": 70_000}}, "http"),
    ],
)
def test_wrong_values_are_refused_by_name(values: dict[str, Any], named: str) -> None:
    done = run("template", "graph", str(CHART), values=values)

    assert done.returncode != 0
    assert named in done.stderr


def _name(manifest: dict[str, Any]) -> str:
    return str(manifest["metadata"]["name"])


def _case(values: dict[str, Any]) -> str:
    return next(name for name, each in CASES.items() if each is values)


def _deployment(manifests: list[dict[str, Any]]) -> dict[str, Any]:
    found = next(
        each for each in of_kind(manifests, "Deployment") if _name(each) == "graph-walletgraph"
    )
    return dict(found["spec"]["template"])


@pytest.mark.parametrize(("port", "name"), [(9090, "metrics"), (0, "http")])
def test_metrics_are_read_where_they_are_served(port: int, name: str) -> None:
    manifests = rendered({"containerPorts": {"metrics": port}, "serviceMonitor": {"enabled": True}})

    [monitor] = of_kind(manifests, "ServiceMonitor")
    [service] = of_kind(manifests, "Service")
    [config] = of_kind(manifests, "ConfigMap")
    [policy] = of_kind(manifests, "NetworkPolicy")
    assert [each["port"] for each in monitor["spec"]["endpoints"]] == [name]
    assert name in {each["name"] for each in service["spec"]["ports"]}
    assert config["data"].get("METRICS_PORT") == (str(port) if port else None)
    opened = [each["port"] for rule in policy["spec"]["ingress"] for each in rule["ports"]]
    assert opened == (["http", "metrics"] if port else ["http"])
