import { Dockerfile, DockerfileStage } from './dockerfile';
import { DockerfileInstruction } from './dockerfile-instruction';

/** A copy of everything, with an installation of dependencies behind it. */
export interface BroadCopy {
  readonly copy: DockerfileInstruction;
  readonly install: DockerfileInstruction;
  readonly program: string;
}

/** What installs dependencies. Those that build as well have to be run without the source first. */
const INSTALLS: readonly { readonly program: string; readonly command: RegExp; readonly needs?: RegExp }[] = [
  { program: 'apk', command: /^apk\b.* add\b/ },
  { program: 'apt-get', command: /^apt(-get)?\b.* install\b/ },
  { program: 'bundle', command: /^bundle\b.* install\b/ },
  { program: 'cargo', command: /^cargo fetch\b/ },
  { program: 'composer', command: /^composer\b.* install\b/ },
  { program: 'dnf', command: /^(micro)?dnf\b.* install\b/ },
  { program: 'dotnet', command: /^dotnet (restore|build|publish)\b/ },
  { program: 'go', command: /^go mod download\b/ },
  { program: 'go', command: /^go (build|install)\b/, needs: /(^|\/)go\.sum$/ },
  { program: 'gradle', command: /^(\.\/gradlew|gradle)\b.* (dependencies|resolveDependencies)\b/ },
  { program: 'mvn', command: /^(\.\/mvnw|mvn)\b.* (dependency:\S+|compile|package|install|verify)\b/ },
  { program: 'npm', command: /^npm (.* )?(ci|i|install)\b/ },
  { program: 'pip', command: /^(python[\d.]* -m )?pip[\d.]* install\b.* (-r|--requirement)\b/ },
  { program: 'pipenv', command: /^pipenv (install|sync)\b/ },
  { program: 'pnpm', command: /^pnpm (.* )?(i|install)\b/ },
  { program: 'poetry', command: /^poetry\b.* install\b/ },
  { program: 'uv', command: /^uv (sync\b|pip install\b.* (-r|--requirement)\b)/ },
  { program: 'yarn', command: /^yarn( install\b| --|$)/ },
  { program: 'yum', command: /^yum\b.* install\b/ },
];

/** What is installed behind a copy of everything, and was not before: a second installation has little to do. */
export function broadCopies(dockerfile: Dockerfile, stage: DockerfileStage, contextPaths?: readonly string[]): BroadCopy[] {
  const before = new Set<string>();
  const parentOf = (child: DockerfileStage) => dockerfile.stageBefore(child, child.base, { byIndex: false });
  for (let base = parentOf(stage); base; base = parentOf(base)) {
    base.instructions.forEach((instruction) => installs(instruction, contextPaths).forEach((program) => before.add(program)));
  }
  let copy: DockerfileInstruction | undefined;
  for (const instruction of stage.instructions) {
    const programs = installs(instruction, contextPaths);
    const program = programs.find((one) => !before.has(one));
    if (copy && program) {
      return [{ copy, install: instruction, program }];
    }
    programs.forEach((one) => before.add(one));
    copy ??= isBroad(instruction) ? instruction : undefined;
  }
  return [];
}

function isBroad({ keyword, flags, words }: DockerfileInstruction): boolean {
  return (keyword === 'COPY' || keyword === 'ADD') && !flags.some(({ name }) => name === 'from')
    && words.slice(0, -1).some((source) => /^(\.?\/?|\.?\/?\*)$/.test(source));
}

function installs(instruction: DockerfileInstruction, contextPaths?: readonly string[]): string[] {
  if (instruction.keyword !== 'RUN') {
    return [];
  }
  const { isJson, words, rest, documents } = instruction;
  const script = isJson ? (/sh$/.test(words[0]) ? words[words.length - 1] : words.join(' ')) : [rest, ...documents].join('\n');
  const commands = script.split(/&&|\|\||[;|\n]/).map((command) => command.trim().replace(/^((sudo|exec|then|do|[A-Za-z_]\w*=\S*) +)+/, ''));
  return commands.flatMap((command) => INSTALLS
    .filter((install) => install.command.test(command) && (!install.needs || contextPaths?.some((path) => install.needs!.test(path))))
    .map(({ program }) => program));
}
