import { spawn } from 'child_process';
import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { temporaryDirectory } from '../testhelpers/temporary-directory';

/** Where the scripts lie. */
export const BUILDSPEC = path.join(__dirname, '..', '..', 'buildspec');

export const HOST = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
export const REPOSITORY = `${HOST}/team/app`;

/** How a command ended, and what it said. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a stub answers: what it says, what it does (in bash) and how it ends. */
export interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly run?: string;
  readonly code?: number;
}

/** What the registry answers; `unreachable` is what curl says when there is none. */
export type RegistryAnswer = { readonly status: number; readonly type?: string; readonly body?: string } | { readonly unreachable: string };

export interface Call {
  readonly args: string[];
  readonly environment: { [name: string]: string };
}

const STUB = `#!/usr/bin/env bash
tool=\${0##*/}
call=$STUBS/calls/\${EPOCHREALTIME/[.,]/}.$BASHPID
while IFS= read -r name; do printf '%s=%s\\0' "$name" "\${!name}"; done < <(compgen -e) >"$call.environment"
printf '%s\\0' "$tool" "$@" >"$call.arguments"
source "$STUBS/$tool.sh"
`;

/** A registry that answers manifest requests from files, and keeps what it is sent. */
const CURL = `
method=GET
while (($# > 1)); do
  case "$1" in
    --request) method=$2 ;;
    --output) output=$2 ;;
    --write-out) format=$2 ;;
    --data-binary) cat "\${2#@}" >"$STUBS/registry/sent" ;;
  esac
  case "$1" in
    --config | --request | --output | --write-out | --header | --data-binary | --retry | --retry-* | --connect-timeout | --max-time)
      if [[ "$1" == --retry-connrefused || "$1" == --retry-all-errors ]]; then shift; else shift 2; fi ;;
    *) shift ;;
  esac
done
answer="$STUBS/registry/$method \${1##*/}"
if [[ -e "$STUBS/registry/sent" ]]; then mv "$STUBS/registry/sent" "$answer.sent"; fi
if [[ -e "$answer.unreachable" ]]; then cat "$answer.unreachable" >&2; exit 6; fi
if [[ ! -e "$answer.status" ]]; then echo "the registry was not told what to answer to $method \${1##*/}" >&2; exit 97; fi
cp "$answer.body" "$output"
format=\${format//'%{http_code}'/$(cat "$answer.status")}
printf '%s' "\${format//'%{content_type}'/$(cat "$answer.type")}"
`;

/** For the stub of docker: what buildx leaves about a build with the digest in $DIGEST. */
export function leavesDigest(digest: string): string {
  return `for ((i = 1; i < $#; i++)); do
    if [[ "\${!i}" == --metadata-file ]]; then next=$((i + 1)); printf '{"containerimage.digest": "%s"}' '${digest}' >"\${!next}"; fi
  done`;
}

/**
 * A machine that the scripts of one build run on: bash, jq and the core utilities are the real ones, `docker`, `aws`, `curl` and
 * `iptables` are stubs that note each call and answer as they were told. A call they were told nothing about fails.
 */
export class BuildMachine {
  public readonly directory = temporaryDirectory();
  /** What the scripts tell each other. */
  public readonly buildDirectory = this.path('build');
  /** The input of the build. */
  public readonly sourceDirectory = this.path('src');
  public readonly home = this.path('home');
  public readonly environment: { [name: string]: string };

  private readonly bin = this.path('bin');
  private readonly stubs = this.path('stubs');

  constructor(environment: { [name: string]: string } = {}) {
    for (const directory of [this.buildDirectory, this.sourceDirectory, this.home, this.bin, path.join(this.stubs, 'calls'), path.join(this.stubs, 'registry')]) {
      fs.mkdirSync(directory, { recursive: true });
    }
    this.environment = {
      PATH: `${this.bin}:${process.env.PATH}`,
      HOME: this.home,
      TMPDIR: this.directory,
      STUBS: this.stubs,
      CODEBUILD_SRC_DIR: this.sourceDirectory,
      CACHED_BUILD_DIR: this.buildDirectory,
      IMAGE_REPOSITORY: REPOSITORY,
      ...environment,
    };
    for (const tool of ['docker', 'aws', 'curl', 'iptables']) {
      this.stub(tool, 'echo "the stub of $tool was not told what to answer to: $*" >&2; exit 97');
    }
  }

  public path(...names: string[]): string {
    return path.join(this.directory, ...names);
  }

  /** Runs a script as it is. */
  public async run(script: string, environment: { [name: string]: string } = {}): Promise<Outcome> {
    return this.execute([path.join(BUILDSPEC, script)], environment);
  }

  /** Runs commands in bash. */
  public async bash(commands: string, environment: { [name: string]: string } = {}): Promise<Outcome> {
    return this.execute(['-c', commands], environment);
  }

  /** Puts a program in bash in front of a real one, or of none. */
  public stub(tool: string, body: string): void {
    fs.writeFileSync(path.join(this.stubs, `${tool}.sh`), body);
    fs.writeFileSync(path.join(this.bin, tool), STUB, { mode: 0o755 });
  }

  /** What a stub answers to calls whose arguments match a pattern of bash; the first one that matches. */
  public tell(tool: string, answers: { [pattern: string]: Answer }): void {
    const cases = Object.entries(answers).map(([pattern, { stdout = '', stderr = '', run = ':', code = 0 }], index) => {
      fs.writeFileSync(path.join(this.stubs, `${tool}.${index}.stdout`), stdout);
      fs.writeFileSync(path.join(this.stubs, `${tool}.${index}.stderr`), stderr);
      return `${pattern.replace(/ /g, '\\ ')}) ${run}\ncat "$STUBS/${tool}.${index}.stderr" >&2; cat "$STUBS/${tool}.${index}.stdout"; exit ${code} ;;`;
    });
    this.stub(tool, ['case "$*" in', ...cases, 'esac', 'echo "the stub of $tool was not told what to answer to: $*" >&2; exit 97'].join('\n'));
  }

  /** What the registry answers, by method and reference, such as 'GET v1'. */
  public registry(answers: { [request: string]: RegistryAnswer }): void {
    this.stub('curl', CURL);
    for (const [request, answer] of Object.entries(answers)) {
      const file = path.join(this.stubs, 'registry', request);
      if ('unreachable' in answer) {
        fs.writeFileSync(`${file}.unreachable`, answer.unreachable);
      } else {
        fs.writeFileSync(`${file}.status`, `${answer.status}`);
        fs.writeFileSync(`${file}.type`, answer.type ?? '');
        fs.writeFileSync(`${file}.body`, answer.body ?? '');
      }
    }
  }

  /** Notes the calls of real programs too. */
  public spyOn(...tools: string[]): void {
    for (const tool of tools) {
      this.stub(tool, `exec '${programPath(tool)}' "$@"`);
    }
  }

  /** Lets jq end with an exit code, as when memory runs out, where its arguments hold a text. */
  public breakJq(text: string, code: number): void {
    this.stub('jq', `if [[ "$*" == *'${text}'* ]]; then exit ${code}; fi; exec '${programPath('jq')}' "$@"`);
  }

  /** Leaves these programs, those spied on and the stubs on the machine, and nothing else. */
  public restrictTo(...tools: string[]): void {
    for (const tool of ['bash', ...tools]) {
      fs.symlinkSync(programPath(tool), path.join(this.bin, tool));
    }
    this.environment.PATH = this.bin;
  }

  /** The calls of all stubs in their order, or those of one. */
  public calls(tool?: string): Call[] {
    const folder = path.join(this.stubs, 'calls');
    return fs.readdirSync(folder).filter((name) => name.endsWith('.arguments')).sort()
      .map((name) => {
        const environment = split(path.join(folder, name.replace(/arguments$/, 'environment'))).map((variable) => variable.split(/=(.*)/s));
        return { args: split(path.join(folder, name)), environment: Object.fromEntries(environment) };
      })
      .filter(({ args }) => tool === undefined || args[0] === tool)
      .map(({ args, environment }) => ({ args: tool === undefined ? args : args.slice(1), environment }));
  }

  /** The arguments of each call of a stub. */
  public argumentsOf(tool: string): string[][] {
    return this.calls(tool).map(({ args }) => args);
  }

  /** The requests to the registry, such as 'GET v1'. */
  public get requests(): string[] {
    return this.argumentsOf('curl').map((args) => `${args[args.indexOf('--request') + 1]} ${path.basename(args[args.length - 1])}`);
  }

  /** The bytes and the type that a request carried. */
  public sent(request: string): { readonly body: string; readonly type?: string } {
    const args = this.argumentsOf('curl')[this.requests.indexOf(request)];
    const header = args.find((argument) => argument.startsWith('Content-Type: '));
    return { body: fs.readFileSync(path.join(this.stubs, 'registry', `${request}.sent`), 'utf-8'), type: header?.slice('Content-Type: '.length) };
  }

  /** Lays down what an earlier script found out. */
  public remember(facts: { [name: string]: string }): this {
    for (const [name, value] of Object.entries(facts)) {
      fs.writeFileSync(path.join(this.buildDirectory, name), value);
    }
    return this;
  }

  /** What a script found out, undefined if it did not say. */
  public recall(name: string): string | undefined {
    const file = path.join(this.buildDirectory, name);
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf-8') : undefined;
  }

  /** Writes a file of the input. */
  public write(name: string, content: string, mode = 0o644): string {
    const file = path.join(this.sourceDirectory, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    fs.chmodSync(file, mode);
    return file;
  }

  private async execute(args: string[], environment: { [name: string]: string }): Promise<Outcome> {
    const child = spawn('bash', ['--norc', '--noprofile', ...args], {
      cwd: this.sourceDirectory,
      env: { ...this.environment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf-8').on('data', (data: string) => { texts[stream] += data; });
    }
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => (signal ? reject(new Error(`bash was ended by ${signal}`)) : resolve({ code: code!, ...texts })));
    });
  }
}

/** A build plan with what every one has. */
export function plan(values: { [name: string]: unknown } = {}): string {
  return JSON.stringify({
    tag: 'v1',
    context: 'asset.1',
    dockerfile: 'Dockerfile',
    dockerfileContent: 'FROM scratch\n',
    platform: 'linux/amd64',
    buildArgs: {},
    executables: [],
    emptyDirectories: [],
    links: {},
    ...values,
  });
}

export const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

/** A manifest, with spaces that no program would put there again. */
export function manifest(values: { [name: string]: unknown } = {}): string {
  const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: 'sha256:0', size: 1 }];
  return JSON.stringify({ schemaVersion: 2, mediaType: OCI_IMAGE, config: {}, layers, ...values }, undefined, 7);
}

/** The answer of a registry that has what it is asked for. */
export function found(body: string, type = OCI_IMAGE): RegistryAnswer {
  return { status: 200, type, body };
}

/** The answer of a registry that refuses, in the format of the registries. */
export function refused(status: number, code: string, message = 'the message of the registry'): RegistryAnswer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify({ errors: [{ code, message }] }) };
}

export const NOT_FOUND = refused(404, 'MANIFEST_UNKNOWN', 'Requested image not found');
export const IMMUTABLE = refused(400, 'TAG_INVALID', "The image tag 'v1' already exists in the 'team/app' repository and cannot be overwritten because the tag is immutable.");

export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** Real output of BuildKit, with the host of the registry replaced; see `fixtures/README.md`. */
export function fixture(name: string): string {
  return fs.readFileSync(path.join(__dirname, 'fixtures', name), 'utf-8');
}

function split(file: string): string[] {
  return fs.readFileSync(file, 'utf-8').split('\0').slice(0, -1);
}

function programPath(tool: string): string {
  const candidates = process.env.PATH!.split(':').map((directory) => path.join(directory, tool));
  const location = candidates.find((candidate) => fs.existsSync(candidate));
  if (!location) {
    throw new Error(`the tests of the shell need '${tool}' on the PATH`);
  }
  return location;
}
