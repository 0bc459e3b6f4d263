import { BuiltStages, StageInstruction } from './built-stages';
import { ContextView } from './context-view';
import { isCopy } from './source-copies';

/** A file that the build will not find. */
export interface MissingSource {
  readonly instruction: StageInstruction;
  readonly source: string;
  readonly reason: string;
}

/** What the stages of a build take from the context, and is not there. Wildcards may match nothing, and what is not understood may be anything. */
export function missingSources(stages: BuiltStages, context: ContextView): MissingSource[] {
  return instructionsOf(stages).flatMap((instruction) => contextSources(instruction)
    .filter((source) => !/[*?[\]$"'\\]|^<<|^\w+:\/\/|^git@|\.git(#|$)/.test(source))
    .flatMap((source) => {
      const reason = context.whyMissing(source);
      return reason ? { instruction, source, reason } : [];
    }));
}

function contextSources(instruction: StageInstruction): string[] {
  const { keyword, flags, words } = instruction;
  if (isCopy(instruction)) {
    return flags.some(({ name }) => name === 'from') ? [] : words.slice(0, -1);
  }
  return keyword !== 'RUN' ? [] : flags.filter(({ name, value }) => name === 'mount' && !/(^|,)(from=|type=(?!bind))/.test(value))
    .flatMap(({ value }) => /(?:^|,)(?:source|src)=([^,]+)/.exec(value)?.[1] ?? []);
}

/** A name after `--from` that is taken for an image, although it looks like a stage. */
export interface UnknownStage {
  readonly instruction: StageInstruction;
  readonly name: string;
}

/** Docker's official images that files are copied from without a tag. */
const OFFICIAL = [
  'almalinux', 'alpine', 'amazoncorretto', 'amazonlinux', 'bash', 'buildpack-deps', 'busybox', 'caddy', 'clojure', 'composer', 'consul', 'debian', 'docker',
  'eclipse-temurin', 'elixir', 'erlang', 'fedora', 'gcc', 'golang', 'gradle', 'groovy', 'haproxy', 'haskell', 'httpd', 'influxdb', 'jruby', 'julia', 'mariadb', 'maven',
  'memcached', 'mongo', 'mysql', 'nginx', 'node', 'openjdk', 'perl', 'php', 'postgres', 'pypy', 'python', 'r-base', 'redis', 'rockylinux', 'ruby', 'rust', 'sapmachine',
  'swift', 'telegraf', 'tomcat', 'traefik', 'ubuntu', 'vault',
];

/** Names of stages that are not there, and of no other context either. */
export function unknownStages(stages: BuiltStages, contextNames: readonly string[] = []): UnknownStage[] {
  const copies = instructionsOf(stages).filter((instruction) => isCopy(instruction) && stages.sourcesOf(instruction).length === 0);
  return copies.flatMap((instruction) => instruction.flags
    .filter(({ name, value }) => name === 'from' && /^[a-z\d][\w-]*$/i.test(value) && ![...OFFICIAL, ...contextNames, 'scratch'].includes(value))
    .map(({ value }) => ({ instruction, name: value })));
}

function instructionsOf(stages: BuiltStages): StageInstruction[] {
  return stages.used.flatMap((stage) => stages.instructions(stage).filter((instruction) => instruction.stage === stage));
}
