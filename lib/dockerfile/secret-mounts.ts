import { BuiltStages, StageInstruction } from './built-stages';

/** A `RUN --mount` of a secret or of an SSH agent. */
export interface SecretMount {
  readonly type: 'secret' | 'ssh';
  readonly id: string;
  readonly instruction: StageInstruction;
  /** Whether the Dockerfile says that the step can do without it. */
  readonly isOptional: boolean;
}

/** The mounts of all stages that are built. Without those whose id only the build knows. */
export function secretMounts(stages: BuiltStages): SecretMount[] {
  const instructions = stages.used.flatMap((stage) => stages.instructions(stage).filter((instruction) => instruction.stage === stage));
  return instructions.filter(({ keyword }) => keyword === 'RUN').flatMap((instruction) => (
    instruction.flags.filter(({ name }) => name === 'mount').flatMap(({ value }) => mountOf(value, instruction) ?? [])));
}

function mountOf(value: string, instruction: StageInstruction): SecretMount | undefined {
  const fields = new Map(value.split(',').map((field): [string, string] => {
    const [, key, of = ''] = /^([^=]*)=?(.*)$/s.exec(field)!;
    return [key.trim().toLowerCase(), of];
  }));
  const type = fields.get('type')?.toLowerCase();
  if (type !== 'secret' && type !== 'ssh') {
    return undefined;
  }
  const target = fields.get('target') ?? fields.get('dst') ?? fields.get('destination') ?? '';
  const id = fields.get('id') ?? (type === 'ssh' ? 'default' : target.split('/').pop()!);
  return id === '' || id.includes('$') ? undefined : { type, id, instruction, isOptional: /^(false|0|f)$/i.test(fields.get('required') ?? '') };
}
