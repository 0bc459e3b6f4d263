import { PermissionApp } from './permission-app';
import { PermissionCase } from './permission-case';
import { grantsOf, PolicyStatement } from '../../aws/role-policy';

/** What a build needs each action for. One that is not here has no reason to be in a policy. */
const reasons: { readonly [action: string]: string } = {
  'ecr:BatchCheckLayerAvailability': 'asks whether a layer is there before it is uploaded',
  'ecr:BatchGetImage': 'reads manifests: is a tag there, what was pushed, what does a cache or a base image consist of',
  'ecr:BatchImportUpstreamImage': 'lets a pull-through cache get an image that it does not have',
  'ecr:CompleteLayerUpload': 'ends the upload of a layer',
  'ecr:CreateRepository': 'lets a pull-through cache make the repository of an image that is pulled for the first time',
  'ecr:GetAuthorizationToken': 'logs in; Amazon ECR has no resource for it, and the token opens what the role may use',
  'ecr:GetDownloadUrlForLayer': 'downloads layers of a cache or a base image, and of an image the layers that prove its linked copies',
  'ecr:InitiateLayerUpload': 'begins the upload of a layer',
  'ecr:PutImage': 'pushes an image or a cache, and sets tags',
  'ecr:UploadLayerPart': 'uploads a layer',
  'kms:Decrypt': 'reads what is encrypted with the key, by way of the named service only',
  'kms:GenerateDataKey': 'encrypts layers, by way of S3 only',
  's3:AbortMultipartUpload': 'gives up the upload of a layer that failed',
  's3:GetObject': 'reads layers',
  's3:ListBucket': 'is told that a layer is missing; without it, S3 says that it is forbidden',
  's3:PutObject': 'writes layers',
  'secretsmanager:GetSecretValue': 'lets CodeBuild put the secret into the build when it starts',
  'ssm:GetParameters': 'lets CodeBuild put the parameter into the build when it starts',
};

/** What each option lets a build do, for the documentation. */
export function permissionsPage([plain, ...cases]: readonly PermissionCase[]): string {
  const base = new PermissionApp(plain, 'your').statements();
  const baseGrants = base.flatMap(grantsOf);
  const actions = new Set<string>();
  const rows = (statements: readonly PolicyStatement[], leaveOut: readonly string[]) => statements.flatMap(({ Action, Resource, Condition }) => {
    const own = [Action].flat().filter(action => [Resource].flat().some(resource => !leaveOut.includes(`${action} ${resource}`)));
    own.forEach(action => actions.add(action));
    return own.length > 0 ? [`| ${own.map(action => `\`${action}\``).join(', ')} | ${[Resource].flat().map(nameOf).join(', ')} | ${conditions(Condition)} |`] : [];
  });
  const table = (lines: readonly string[]) => ['| actions | on | only if |', '| --- | --- | --- |', ...lines];
  const first = table(rows(base, []));
  const others = cases.flatMap(given => {
    const own = rows(new PermissionApp(given, 'your').statements(), baseGrants);
    return ['', `### ${given.name}`, '', ...own.length > 0 ? table(own) : ['Nothing more.']];
  });
  return [
    '# What a build may do',
    '',
    '<!-- Written by integ/local/tests/permissions/permissions.test.ts with PLAY_RECORD=1. -->',
    '',
    'The role of a step gets these permissions, and those that CDK Pipelines gives every step: for its log, its reports and its input. They are read from synthesized templates, and',
    '`npm run integ:local -- tests/permissions` plays builds with each option: each request to a registry, to S3 and to the API of AWS is held against the policy. Nothing is',
    'refused, and nothing that is allowed is never asked for. The play has no IAM; which action a request needs is taken from the documentation of AWS. Builds with kaniko are played',
    'only where there is an executor of it.',
    '',
    'In the tables, account `111111111111` is that of the pipeline, `your/image` the repository of an image, and `your/layers` a `CacheRepository`.',
    '',
    '## Every step',
    '',
    ...first,
    '',
    '## Options',
    '',
    'In addition to the above, whatever else the step has. Options add up.',
    ...others,
    '',
    '## What the actions are for',
    '',
    '| action | a build |',
    '| --- | --- |',
    ...[...actions].sort().map(action => `| \`${action}\` | ${reasonOf(action)} |`),
    '',
  ].join('\n');
}

function reasonOf(action: string): string {
  if (!(action in reasons)) throw new Error(`${action}: nothing says what a build needs it for`);
  return reasons[action];
}

/** An ARN as a reader takes it in. */
function nameOf(arn: string): string {
  if (arn === '*') return 'everything';
  const [, , service, region, account, ...rest] = arn.split(':');
  const place = account === '222222222222' ? ` of account ${account}, ${region}` : '';
  const [kind, name] = /^(repository|parameter|key)\/(.*)$/.exec(rest.join(':'))?.slice(1) ?? (service === 's3' ? [rest[0].includes('/') ? 'objects' : 'bucket', rest[0]] : rest);
  return `${kind} \`${name}\`${place}`;
}

function conditions(given: PolicyStatement['Condition'] = {}): string {
  const all = Object.entries(given).flatMap(([operator, keys]) => Object.entries(keys).map(([key, values]) =>
    `\`${key}\` is ${[values].flat().map(value => `\`${value}\``).join(' or ')}${operator.endsWith('IfExists') ? ', or is not told' : ''}`));
  return all.join('; ');
}
