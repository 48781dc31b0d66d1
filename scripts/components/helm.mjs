import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cachedProgram, findProgram, run } from './programs.mjs';

const HELM_MODULE = 'helm.sh/helm/v3/cmd/helm';
const HELM_VERSION = 'v3.22.0';
// The one that this version of Helm is built with, so that Go compiles it once for both.
const KUBERNETES_VERSION = 'v0.37.0';
/** Ours; see `kubernetes/main.go`. */
const CHECKER = `mooring-kubernetes-check-${KUBERNETES_VERSION}`;

/** The `helm` on PATH, else the one built before; null where there is neither. */
export const findHelm = () => findProgram('helm');

/** Finds Helm, or builds it through the Go module proxy. */
export async function ensureHelm({ log = () => {} } = {}) {
  const found = await findHelm();
  if (found) return found;
  await needGo('Helm', 'Install Helm from https://helm.sh/docs/intro/install');
  return await build('helm', log, async (folder) => {
    const env = { GOBIN: folder, CGO_ENABLED: '0', GOWORK: 'off' };
    await run('go', ['install', '-trimpath', `${HELM_MODULE}@${HELM_VERSION}`], { env, log, label: 'Building Helm' });
  });
}

/** The program that decodes Kubernetes manifests strictly; null where it was not built yet. */
export const findKubernetesCheck = () => findProgram(CHECKER);

/** Finds that program, or builds it with Kubernetes' own types, through the Go module proxy. */
export async function ensureKubernetesCheck({ log = () => {} } = {}) {
  const found = await findKubernetesCheck();
  if (found) return found;
  await needGo('The check of Kubernetes manifests', 'It can only be built');
  return await build(CHECKER, log, async (folder) => {
    const source = await mkdtemp(join(tmpdir(), 'mooring-kubernetes-'));
    try {
      await copyFile(join(import.meta.dirname, 'kubernetes/main.go'), join(source, 'main.go'));
      const requires = ['k8s.io/apimachinery', 'k8s.io/client-go'].map(
        (name) => `require ${name} ${KUBERNETES_VERSION}`,
      );
      await writeFile(join(source, 'go.mod'), ['module mooring.invalid/kubernetes', ...requires, ''].join('\n'));
      const options = { cwd: source, env: { CGO_ENABLED: '0', GOWORK: 'off' }, log, label: 'Building the check' };
      await run('go', ['build', '-mod=mod', '-trimpath', '-ldflags=-s -w', '-o', join(folder, CHECKER), '.'], options);
    } finally {
      await rm(source, { recursive: true, force: true });
    }
  });
}

async function needGo(what, instead) {
  if (await findProgram('go')) return;
  throw new Error(
    `${what} is not here, and Go to build it is not either. ${instead}, or install Go from https://go.dev/dl.`,
  );
}

/** Builds into a folder of its own, then renames once, so that the cache never has half a program. */
async function build(name, log, make) {
  const startedAt = Date.now();
  const target = cachedProgram(name);
  log(`Building ${name} into ${target}: once, some minutes on two cores.`);
  await mkdir(dirname(target), { recursive: true });
  const folder = `${target}-build.${process.pid}`;
  try {
    await mkdir(folder);
    await make(folder);
    await rename(join(folder, name), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  log(`${name} is built: ${Math.round((Date.now() - startedAt) / 1_000)} s.`);
  return target;
}
