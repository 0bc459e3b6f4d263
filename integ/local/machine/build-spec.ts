export const phaseNames = ['install', 'pre_build', 'build', 'post_build'] as const;
export type PhaseName = typeof phaseNames[number];

export interface BuildSpecPhase {
  readonly 'commands'?: readonly string[];
  readonly 'finally'?: readonly string[];
  readonly 'on-failure'?: string;
}

export interface BuildSpec {
  readonly version: string;
  readonly env?: {
    readonly 'shell'?: string;
    readonly 'variables'?: { readonly [name: string]: string };
    readonly 'parameter-store'?: { readonly [name: string]: string };
    readonly 'secrets-manager'?: { readonly [name: string]: string };
    readonly 'exported-variables'?: readonly string[];
  };
  readonly phases: { readonly [phase in PhaseName]?: BuildSpecPhase };
}

const known = {
  top: ['version', 'env', 'phases', 'artifacts', 'cache', 'reports'],
  env: ['shell', 'variables', 'parameter-store', 'secrets-manager', 'exported-variables'],
  phase: ['commands', 'finally', 'on-failure', 'runtime-versions'],
};

/** Reads a buildspec as the CDK writes it, and refuses what CodeBuild or the play would not understand. */
export function parseBuildSpec(text: string): BuildSpec {
  let spec: BuildSpec;
  try {
    spec = JSON.parse(text);
  } catch {
    throw new Error(`the play reads buildspecs in JSON only, as the CDK writes them: ${text.slice(0, 200)}`);
  }
  if (`${spec.version}` !== '0.2') throw new Error(`buildspec of version ${spec.version}; the play knows 0.2`);
  expectOnly('buildspec', spec, known.top);
  expectOnly('env', spec.env ?? {}, known.env);
  expectOnly('phases', spec.phases, phaseNames);
  for (const [name, phase] of Object.entries(spec.phases)) expectOnly(name, phase, known.phase);
  return spec;
}

function expectOnly(what: string, given: object, names: readonly string[]) {
  const strange = Object.keys(given).filter(name => !names.includes(name));
  if (strange.length > 0) throw new Error(`${what}: the play does not know ${strange.join(', ')}`);
}
