import { ContextView } from './context-view';
import { DockerfileInstruction } from './dockerfile-instruction';

/** A command that gets dependencies from elsewhere. */
export interface Installer {
  readonly program: string;
  /** Programs that install the same things; what one has installed is there for the others. */
  readonly family: string;
  readonly command: RegExp;
  /** Whether it installs what the command names, for which it needs no file. */
  readonly isNamed?: boolean;
  /** A file without which there is nothing to get. */
  readonly needs?: { readonly name: RegExp; readonly text: RegExp };
  /** Files of the context that hold what it would get. */
  readonly vendored?: RegExp;
  /** What gets the dependencies and no more, for a command that builds as well. */
  readonly alone?: string;
}

const PROJECT = '(-e |--editable )?["\']?\\.{1,2}(/\\S*)?(\\[\\S*\\])?["\']?';
const PACKAGE = '["\']?[a-z\\d][\\w.-]*(?<!\\.(gz|txt|whl|zip))(\\[[\\w,-]+\\])?([=<>~!]=?[\\w.*,<>=]+)?["\']?';
const PYPROJECT = { name: /^(pyproject\.toml|setup\.(py|cfg))$/, text: /^dependencies\s*=\s*\[\s*["']|install_requires|^\[tool\.poetry\.dependencies\]/m };
const CRATES = { name: /^Cargo\.(lock|toml)$/, text: /^source = |^\[(workspace\.)?dependencies[\].]/m };
const MODULES = { name: /^go\.sum$/, text: /\S/ };
const VENDORED_MODULES = /(^|\/)vendor\/modules\.txt$/;
const VENDORED_CRATES = /(^|\/)vendor\/.*\.cargo-checksum\.json$/;

const INSTALLERS: readonly Installer[] = [
  ...['apk', 'apt', 'apt-get', 'dnf', 'microdnf', 'tdnf', 'yum', 'zypper'].map((program): Installer => (
    { program, family: 'system', command: new RegExp(`^${program} (.* )?(add|install)\\b(?!.* ["']?(\\.{0,2}/|[$<]))`), isNamed: true })),
  { program: 'bun', family: 'node', command: /^bun (i|install)\b/ },
  { program: 'bundle', family: 'bundle', command: /^(bundle|bundler)( .*)? install\b|^bundle$/, vendored: /(^|\/)vendor\/cache\/.*\.gem$/ },
  { program: 'cargo', family: 'cargo', command: /^cargo (fetch|chef cook)\b/ },
  { program: 'cargo', family: 'cargo', command: /^cargo (\+\S+ )?(build\b|install .*--path\b)(?!.* --frozen\b)/, needs: CRATES, vendored: VENDORED_CRATES, alone: 'cargo chef' },
  { program: 'composer', family: 'composer', command: /^composer (.* )?install\b/, vendored: /(^|\/)vendor\/autoload\.php$/ },
  { program: 'conda', family: 'python', command: /^(conda|mamba|micromamba) (.*(-f|--file)[ =]|env create)/ },
  { program: 'dotnet', family: 'dotnet', command: /^dotnet (restore|build|publish)\b/, alone: 'dotnet restore' },
  { program: 'gem', family: 'gem', command: /^gem install [\w-]+/, isNamed: true },
  { program: 'go', family: 'go packages', command: /^go install \S+@/, isNamed: true },
  { program: 'go', family: 'go', command: /^go mod download\b/ },
  { program: 'go', family: 'go', command: /^go (build|install)\b(?!.*@)/, needs: MODULES, vendored: VENDORED_MODULES, alone: 'go mod download' },
  { program: 'gradle', family: 'gradle', command: /^(\S*\/gradlew|gradle) (.* )?:?(\S+:)?(assemble|bootJar|build|dependencies|installDist|jar|resolveDependencies|shadowJar)\b/, alone: 'gradle dependencies' },
  { program: 'mvn', family: 'mvn', command: /^(\S*\/mvnw|mvn) (?!(.* )?-o\b)(.* )?(dependency:\S+|compile|package|install|verify)\b/, alone: 'mvn dependency:go-offline' },
  { program: 'npm', family: 'npm packages', command: /^npm (.* )?(i|install) (.* )?(-g|--global)\b/, isNamed: true },
  { program: 'npm', family: 'node', command: /^npm (.* )?(ci|clean-install|i|install)\b/ },
  { program: 'pip', family: 'python', command: /^(python[\d.]* -m )?pip[\d.]* (.* )?install\b.* (-r|--requirement)\b/ },
  { program: 'pip', family: 'python', command: new RegExp(`^(python[\\d.]* -m )?pip[\\d.]* (.* )?install\\b.* ${PROJECT}( |$)`), needs: PYPROJECT, alone: 'pip install -r' },
  { program: 'pip', family: 'pip packages', command: new RegExp(`^(python[\\d.]* -m )?pip[\\d.]* install( (-U|--[a-z-]+|${PACKAGE}))+$`), isNamed: true },
  { program: 'pipenv', family: 'python', command: /^(\S+ -m )?pipenv (install|sync)\b/ },
  { program: 'pnpm', family: 'node', command: /^pnpm (.* )?(fetch|i|install)\b/ },
  { program: 'poetry', family: 'python', command: /^(\S+ -m )?poetry (.* )?install\b/ },
  { program: 'uv', family: 'python', command: /^uv (sync\b|pip install\b.* (-r|--requirement)\b)/ },
  { program: 'yarn', family: 'node', command: /^yarn( (--cwd|-C)[ =]\S+)?( install\b| --|$)/, vendored: /(^|\/)\.yarn\/cache\// },
];

/** What makes a command use what is there already, or nothing. */
const OFFLINE = /\s(--help|--local|--no-deps|--no-index|--no-restore|--offline|--only-root|--version|-mod=vendor)(?=\s|=|$)/;

/** What a RUN gets from elsewhere. */
export function installsOf(run: DockerfileInstruction, context: ContextView): Installer[] {
  return commandsOf(run).flatMap((command) => {
    const installer = installerOf(command);
    const isFound = installer && !OFFLINE.test(command)
      && !context.paths.some((path) => installer.vendored?.test(path))
      && (!installer.needs || context.says(installer.needs.name, installer.needs.text));
    return isFound ? installer : [];
  });
}

/** What is there after a RUN, perhaps: what it installs from wherever it has it, or what a program that builds may have got for another purpose. */
export function familiesBehind(run: DockerfileInstruction): string[] {
  return commandsOf(run).flatMap((command) => {
    const builder = INSTALLERS.find(({ program, alone }) => alone && new RegExp(`^(\\S*/)?${program}w?( (?!install|-)|$)`).test(command));
    return installerOf(command)?.family ?? builder?.family ?? [];
  });
}

/** Whether a RUN does nothing but put dependencies in their place, from wherever it has them. */
export function isInstallation(run: DockerfileInstruction): boolean {
  return commandsOf(run).every((command) => {
    const installer = installerOf(command);
    return installer ? !installer.alone || installer.family === 'python' : /^(cd|corepack|export|rm|set)\b|^$/.test(command);
  });
}

const SETTING_UP = /^(#|\(|\)|addgroup|adduser|apk|apt|apt-get|cd|chmod|chown|corepack|echo|else|export|fi|groupadd|if|ln|ls|mkdir|rm|set|test|touch|true|useradd|\[)|^(npm|pip[\d.]*|python[\d.]* -m pip) install |^$/;

/** Whether a RUN does what nobody here knows, so that it might install something. */
export function mayInstall(run: DockerfileInstruction): boolean {
  return commandsOf(run).some((command) => !installerOf(command) && !SETTING_UP.test(command));
}

function installerOf(command: string): Installer | undefined {
  return INSTALLERS.find((one) => one.command.test(command));
}

/** The commands of a RUN, each without what stands before it, by a guess that is good enough for advice. */
export function commandsOf({ keyword, isJson, words, rest, documents }: DockerfileInstruction): string[] {
  if (keyword !== 'RUN') {
    return [];
  }
  const script = isJson ? (/sh$/.test(words[0]) ? words[words.length - 1] : words.join(' ')) : [rest, ...documents].join('\n');
  return script.split(/&&|\|\||[;|\n]/).map((command) => command.trim().replace(/\s+/g, ' ').replace(/^((sudo|exec|then|do|time|env|[A-Za-z_]\w*=\S*) +)+/, ''));
}
