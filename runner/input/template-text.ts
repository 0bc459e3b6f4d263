import { PLACEHOLDERS } from '../../lib/plan/image-plan';

/** A stack as a cloud assembly has it. */
export interface StackTemplate {
  /** What CloudFormation calls it. */
  readonly name: string;
  /** Undefined where the app does not say it. */
  readonly account?: string;
  readonly region?: string;
  readonly resources: { readonly [logicalId: string]: TemplateResource };
}

export interface TemplateResource {
  readonly Type?: unknown;
  readonly Properties?: { readonly [name: string]: any };
}

/** What CloudFormation calls a resource. Fails when it cannot be asked. */
export type FindPhysicalId = (stack: StackTemplate, logicalId: string) => Promise<string>;

/** The properties that are names, where an app gives one. */
const NAMES: { readonly [type: string]: string } = { 'AWS::ECR::Repository': 'RepositoryName', 'AWS::S3::Bucket': 'BucketName' };

/** They have colons, at which texts are split: signs that no text has stand for them meanwhile. */
const PSEUDO: { readonly [name: string]: string } = { 'AWS::AccountId': '\ue000', 'AWS::Region': '\ue001', 'AWS::Partition': '\ue002', 'AWS::URLSuffix': '\ue003' };

/**
 * A text of a template as CloudFormation makes it, with placeholders for what only the place of the stack says. Fails for what it does not understand.
 */
export async function templateText(value: unknown, stack: StackTemplate, physicalId: FindPhysicalId): Promise<string> {
  const text = textIn(await resolve(value, stack, physicalId));
  return text
    .replaceAll(PSEUDO['AWS::AccountId'], stack.account ?? PLACEHOLDERS.account)
    .replaceAll(PSEUDO['AWS::Region'], stack.region ?? PLACEHOLDERS.region)
    .replaceAll(PSEUDO['AWS::Partition'], PLACEHOLDERS.partition)
    .replaceAll(PSEUDO['AWS::URLSuffix'], urlSuffix(stack) ?? PLACEHOLDERS.urlSuffix);
}

/** Undefined where the region does not say it. */
function urlSuffix({ region = '' }: StackTemplate): string | undefined {
  if (region.startsWith('cn-')) return 'amazonaws.com.cn';
  return /^[a-z]{2}-(?!iso)/.test(region) ? 'amazonaws.com' : undefined;
}

async function resolve(value: unknown, stack: StackTemplate, physicalId: FindPhysicalId): Promise<string | string[]> {
  if (typeof value === 'string') return value;
  const again = async (inner: unknown) => resolve(inner, stack, physicalId);
  const all = async (list: unknown) => (
    Array.isArray(list) ? Promise.all(list.map(async (one) => textIn(await again(one)))) : listIn(await again(list)));
  const [[name, given] = ['', undefined], ...others] = Object.entries(Object(value) as { [name: string]: unknown });
  const inner = Array.isArray(given) ? given : [];
  if (others.length === 0) {
    if (name === 'Ref' && typeof given === 'string') return PSEUDO[given] ?? await nameOf(given, stack, physicalId);
    if (name === 'Fn::GetAtt' && inner[1] === 'Arn' && stack.resources[inner[0]]?.Type === 'AWS::ECR::Repository') {
      return `arn:${PSEUDO['AWS::Partition']}:ecr:${PSEUDO['AWS::Region']}:${PSEUDO['AWS::AccountId']}:repository/${await nameOf(inner[0], stack, physicalId)}`;
    }
    if (name === 'Fn::Join') return (await all(inner[1])).join(textIn(inner[0]));
    if (name === 'Fn::Split') return textIn(await again(inner[1])).split(textIn(inner[0]));
    if (name === 'Fn::Select') return textIn((await all(inner[1]))[Number(inner[0])]);
  }
  throw new Error(`its template has ${JSON.stringify(value)?.slice(0, 80)}, which this program does not know`);
}

async function nameOf(logicalId: string, stack: StackTemplate, physicalId: FindPhysicalId): Promise<string> {
  const { Type: type, Properties: properties = {} } = stack.resources[logicalId] ?? {};
  const given: unknown = typeof type === 'string' && Object.hasOwn(NAMES, type) ? properties[NAMES[type]] : undefined;
  return typeof given === 'string' ? given : physicalId(stack, logicalId);
}

function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error('its template has a list in place of a text');
}

function listIn(value: unknown): string[] {
  if (Array.isArray(value)) return value as string[];
  throw new Error('its template has a text in place of a list');
}
