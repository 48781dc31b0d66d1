import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cachedProgram, findProgram, run } from './programs.mjs';

const VAULT_MODULE = 'github.com/hashicorp/vault';
// 1.21.3 and 1.21.4 do not build outside their own repository.
const VAULT_VERSION = 'v1.21.2';

const MAIN = `package main

import (
	"os"

	"${VAULT_MODULE}/command"
)

func main() {
	os.Exit(command.Run(os.Args[1:]))
}
`;

/** The `vault` on PATH, else the one built before; null where there is neither. */
export const findVault = () => findProgram('vault');

/**
 * Finds Vault, or builds it through the Go module proxy. For tests and for trying things out: Vault's licence
 * (BUSL-1.1) allows that, but not to ship the result.
 */
export async function ensureVault({ log = () => {} } = {}) {
  const found = await findVault();
  if (found) return found;
  if (!(await findProgram('go'))) {
    throw new Error(
      'HashiCorp Vault is not installed, and Go (1.25 or newer) to build it is not either. ' +
        'Install Vault from https://developer.hashicorp.com/vault/install, or Go from https://go.dev/dl.',
    );
  }
  return await buildVault(log);
}

async function buildVault(log) {
  const startedAt = Date.now();
  const target = cachedProgram('vault');
  log(`Building Vault ${VAULT_VERSION} into ${target}: once, about 7 minutes on two cores.`);
  const folder = await mkdtemp(join(tmpdir(), 'mooring-vault-'));
  try {
    await writeWrapperModule(folder);
    await mkdir(dirname(target), { recursive: true });
    // Built beside its target, so that the rename is atomic: the cache never has half a program.
    const unfinished = `${target}.${process.pid}`;
    await run('go', ['build', '-mod=mod', '-tags', 'minimal', '-trimpath', '-ldflags=-s -w', '-o', unfinished, '.'], {
      cwd: folder,
      env: { CGO_ENABLED: '0', GOWORK: 'off' },
      label: 'Building Vault',
      log,
    });
    await rename(unfinished, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  log(`Vault is built: ${Math.round((Date.now() - startedAt) / 1_000)} s.`);
  return target;
}

/**
 * `go install` refuses Vault, because its go.mod replaces its own `./api` and `./sdk`. A module of ours with the
 * same requirements and without those replacements builds the published versions of both.
 */
async function writeWrapperModule(folder) {
  const downloaded = JSON.parse(
    await run('go', ['mod', 'download', '-json', `${VAULT_MODULE}@${VAULT_VERSION}`], {
      cwd: folder,
      env: { GOWORK: 'off' },
      label: 'Downloading the source of Vault',
    }),
  );
  const goMod = (await readFile(join(downloaded.Dir, 'go.mod'), 'utf8'))
    .replace(/^module .*$/m, 'module mooring.invalid/vault')
    .replace(/^replace \S+ => \.\/.*$/gm, '');
  await writeFile(join(folder, 'go.mod'), `${goMod}\nrequire ${VAULT_MODULE} ${VAULT_VERSION}\n`);
  await copyFile(join(downloaded.Dir, 'go.sum'), join(folder, 'go.sum'));
  await writeFile(join(folder, 'main.go'), MAIN);
}

const TOXIPROXY = 'toxiproxy-server';
const TOXIPROXY_MODULE = 'github.com/Shopify/toxiproxy/v2/cmd/server';
const TOXIPROXY_VERSION = 'v2.12.0';

/** The `toxiproxy-server` on PATH, else the one built before; null where there is neither. */
export const findToxiproxy = () => findProgram(TOXIPROXY);

/** Finds Toxiproxy (a network that misbehaves on command), or builds it through the Go module proxy. */
export async function ensureToxiproxy({ log = () => {} } = {}) {
  const found = await findToxiproxy();
  if (found) return found;
  if (!(await findProgram('go'))) {
    throw new Error(
      'Toxiproxy is not installed, and Go to build it is not either. ' +
        'Install it from https://github.com/Shopify/toxiproxy/releases as toxiproxy-server on PATH, or Go from https://go.dev/dl.',
    );
  }
  const target = cachedProgram(TOXIPROXY);
  log(`Building Toxiproxy ${TOXIPROXY_VERSION} into ${target}: once, a few seconds.`);
  await mkdir(dirname(target), { recursive: true });
  // A folder of its own, then one rename: the cache never has half a program.
  const folder = `${target}-build.${process.pid}`;
  try {
    await run('go', ['install', `${TOXIPROXY_MODULE}@${TOXIPROXY_VERSION}`], {
      env: { GOBIN: folder, CGO_ENABLED: '0', GOWORK: 'off' },
      label: 'Building Toxiproxy',
      log,
    });
    await rename(`${folder}/server`, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return target;
}
