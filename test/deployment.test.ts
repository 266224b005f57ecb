import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { StatefulSet } from "kubernetes-models/apps/v1";
import { Job } from "kubernetes-models/batch/v1";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { Service } from "kubernetes-models/v1";
import { beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { run } from "../packages/cli/src/index.js";
import { fakeIo } from "../packages/cli/test/support/fakeIo.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), "utf8");

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

const KINDS = { StatefulSet, Service, PodDisruptionBudget, NetworkPolicy, Job };

function manifests(name: string): Manifest[] {
  return parseAllDocuments(read(name), { strict: true, uniqueKeys: true }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
}

/** Every name of a field, but for names that users choose: labels and the like. */
function fieldsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsOf);
  if (typeof value !== "object" || value === null) return [];
  const CHOSEN = ["labels", "matchLabels", "selector", "annotations", "requests", "limits"];
  return Object.entries(value).flatMap(([name, item]) => [
    name,
    ...(CHOSEN.includes(name) && !("matchLabels" in Object(item)) ? [] : fieldsOf(item)),
  ]);
}

describe("Kubernetes' manifests", () => {
  const FILES = ["examples/deploy/kubernetes.yaml", "examples/fuzz/kubernetes-job.yaml"];
  let known: string;

  beforeAll(() => {
    const packages = dirname(fileURLToPath(import.meta.resolve("kubernetes-models/package.json")));
    const folders = ["apps/v1", "batch/v1", "networking.k8s.io/v1", "policy/v1", "v1"];
    folders.push("../@kubernetes-models/apimachinery/apis/meta/v1");
    known = folders
      .map((folder) => join(packages, folder))
      .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
      .filter((path) => path.endsWith(".d.ts"))
      .map((path) => readFileSync(path, "utf8"))
      .join("\n");
  });

  it.each(FILES)("fit the schemas of their kinds: %s", (file) => {
    const found = manifests(file);
    expect(found.length).toBeGreaterThan(0);
    for (const manifest of found) {
      const Kind = KINDS[manifest.kind as keyof typeof KINDS] as unknown as new (json: object) => { validate(): void };
      expect(() => new Kind(manifest).validate(), manifest.kind).not.toThrow();
    }
  });

  it.each(FILES)("have no field that no kind has: %s", (file) => {
    for (const field of manifests(file).flatMap(fieldsOf)) {
      expect(new RegExp(`"${field}"\\??:`, "u").test(known), field).toBe(true);
    }
  });

  it("fit each other: names, ports, volumes, members", () => {
    const all = manifests("examples/deploy/kubernetes.yaml");
    const stateful = all.find(({ kind }) => kind === "StatefulSet") as unknown as StatefulSetManifest;
    const { serviceName, replicas, selector, template, volumeClaimTemplates } = stateful.spec;
    const headless = all.find(({ kind, metadata }) => kind === "Service" && metadata.name === serviceName);
    expect(headless?.spec).toMatchObject({ clusterIP: "None", publishNotReadyAddresses: true });
    const { labels } = template.metadata;
    expect(selector.matchLabels).toEqual(labels);
    for (const { kind, spec } of all) {
      if (kind === "Service") expect(spec["selector"]).toEqual(labels);
      if (kind === "PodDisruptionBudget")
        expect(spec).toEqual({ maxUnavailable: 1, selector: { matchLabels: labels } });
      if (kind === "NetworkPolicy") expect(spec["podSelector"]).toEqual({ matchLabels: labels });
    }
    const [container] = template.spec.containers as [Container];
    const ports = new Map(container.ports.map(({ name, containerPort }) => [name, containerPort]));
    const flags = flagsOf(container.args);
    expect(flags.get("--listen")).toBe(`0.0.0.0:${String(ports.get("raft"))}`);
    expect(flags.get("--http")).toBe(`0.0.0.0:${String(ports.get("http"))}`);
    const members = Array.from({ length: replicas }, (_, i) => {
      const pod = `${stateful.metadata.name}-${String(i)}`;
      return `${pod}=${pod}.${serviceName}:${String(ports.get("raft"))}`;
    });
    expect(flags.get("--members")).toBe(members.join(","));
    for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
      expect(ports.has(probe.httpGet.port)).toBe(true);
    }
    const volumes = [
      ...template.spec.volumes.map(({ name }) => name),
      ...volumeClaimTemplates.map((v) => v.metadata.name),
    ];
    expect(container.volumeMounts.map(({ name }) => name).sort()).toEqual(volumes.sort());
    for (const flag of ["--data", "--tls-ca", "--tls-cert", "--tls-key"]) {
      expect(
        container.volumeMounts.some(({ mountPath }) => flags.get(flag)!.startsWith(`${mountPath}/`)),
        flag,
      ).toBe(true);
    }
  });
});

interface Container {
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface StatefulSetManifest {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly serviceName: string;
    readonly replicas: number;
    readonly selector: { readonly matchLabels: object };
    readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string } }[];
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: {
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  };
}

/** `--flag=value` and `--flag value`, by flag. */
function flagsOf(args: readonly string[]): ReadonlyMap<string, string> {
  const words = args.flatMap((arg) => (arg.startsWith("--") ? arg.split(/=(.*)/su, 2) : [arg]));
  return new Map(words.flatMap((word, i) => (word.startsWith("--") ? [[word, words[i + 1] ?? ""] as const] : [])));
}

describe("how a member is started", () => {
  async function helpOfServe(): Promise<string> {
    const io = fakeIo();
    expect(await run(["serve", "--help"], io)).toBe(0);
    return io.out();
  }

  /** What follows `balsa` where a file starts it. */
  const CALLS: Readonly<Record<string, () => readonly string[]>> = {
    "examples/deploy/balsa@.service": () => {
      const [, call = ""] =
        /^ExecStart=\S+\/balsa ((?:.*\\\n)*.*)$/mu.exec(read("examples/deploy/balsa@.service")) ?? [];
      return call.replaceAll("\\\n", " ").split(/ +/u);
    },
    "examples/deploy/kubernetes.yaml": () => {
      const all = manifests("examples/deploy/kubernetes.yaml");
      const stateful = all.find(({ kind }) => kind === "StatefulSet") as unknown as StatefulSetManifest;
      return stateful.spec.template.spec.containers[0]!.args;
    },
  };

  it.each(Object.entries(CALLS))("is by flags that there are, and all that are needed: %s", async (_, callOf) => {
    const [command, ...args] = callOf();
    expect(command).toBe("serve");
    const flags = [...flagsOf(args).keys()];
    expect(flags).toEqual(
      expect.arrayContaining(["--id", "--data", "--listen", "--members", "--tls-ca", "--tls-cert"]),
    );
    const help = await helpOfServe();
    for (const flag of flags) expect(help).toMatch(new RegExp(`^ +${flag}\\b`, "mu"));
  });

  it("leaves more time to stop than a member takes, and does not try again what can't work", () => {
    const unit = read("examples/deploy/balsa@.service");
    const valueOf = (name: string): string | undefined => new RegExp(`^${name}=(.*)$`, "mu").exec(unit)?.[1];
    const closeTimeoutSeconds = 5;
    expect(Number(valueOf("TimeoutStopSec"))).toBeGreaterThan(closeTimeoutSeconds);
    expect(valueOf("Restart")).toBe("on-failure");
    expect(valueOf("RestartPreventExitStatus")).toBe("2");
    expect(valueOf("KillSignal")).toBe("SIGTERM");
    const [stateful] = manifests("examples/deploy/kubernetes.yaml").filter(({ kind }) => kind === "StatefulSet");
    const { template } = stateful!.spec as { template: { spec: { terminationGracePeriodSeconds: number } } };
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(closeTimeoutSeconds);
  });

  it("is without a shell in between in the container, as nobody special", () => {
    const lines = read("examples/deploy/Containerfile").split("\n");
    expect(lines).toContain('ENTRYPOINT ["node", "/opt/balsa/packages/cli/bin/balsa.js"]');
    expect(lines).toContain("USER node");
    expect(lines.indexOf("USER node")).toBeLessThan(
      lines.indexOf('ENTRYPOINT ["node", "/opt/balsa/packages/cli/bin/balsa.js"]'),
    );
  });
});

describe("the matrices of CI", () => {
  it("test on every version of Node.js that is supported", () => {
    const { jobs } = parse(read("examples/deploy/github-node-versions.yml")) as {
      jobs: { test: { strategy: { matrix: { node: number[]; os: string[] } }; steps: { run?: string }[] } };
    };
    expect(jobs.test.strategy.matrix.node).toEqual([20, 22, 24]);
    expect(jobs.test.strategy.matrix.os).toEqual(["ubuntu-latest", "macos-latest"]);
    expect(jobs.test.steps.map((step) => step.run)).toContain(".ci/run");
  });
});
