import { Aspects } from 'aws-cdk-lib';
import * as nag3 from 'cdk-nag';
import * as nag2 from 'cdk-nag-2';
import { IConstruct } from 'constructs';
import { TestPipeline } from './test-pipeline';

const PACKS = ['AwsSolutionsChecks', 'HIPAASecurityChecks', 'NIST80053R4Checks', 'NIST80053R5Checks', 'PCIDSS321Checks', 'ServerlessChecks'] as const;

/** What cdk-nag has found: the path of a resource, and the rule. */
export type Findings = (path: string) => string[];

/** A major of cdk-nag with all its packs. */
export interface CdkNag {
  readonly major: number;
  /** Ends the definition of the app. */
  check(test: TestPipeline): Findings;
}

export const CDK_NAGS: CdkNag[] = [
  { major: 2, check: findingsOf2 },
  { major: 3, check: findingsOf3 },
];

function findingsOf3({ app, pipeline }: TestPipeline): Findings {
  pipeline.buildPipeline();
  app.synth();
  const violations = PACKS.flatMap((pack) => new nag3[pack](app).validateScope(app).violations);
  return below(violations.flatMap(({ ruleName, violatingResources }) => (
    violatingResources.map(({ constructPath }) => [String(constructPath), ruleName]))));
}

/** Also what it could not find out. */
function findingsOf2({ app }: TestPipeline): Findings {
  const found: [string, string][] = [];
  const add = ({ resource, ruleId, findingId }: nag2.NagLoggerBaseData & { findingId?: string }) => {
    found.push([resource.node.path, findingId ? `${ruleId}[${findingId}]` : ruleId]);
  };
  const nothing = () => undefined;
  const logger: nag2.INagLogger = {
    onNonCompliance: add, onError: add, onCompliance: nothing, onSuppressed: nothing, onSuppressedError: nothing, onNotApplicable: nothing,
  };
  PACKS.forEach((pack) => Aspects.of(app).add(new nag2[pack]({ reports: false, additionalLoggers: [logger] })));
  app.synth();
  return below(found);
}

function below(findings: readonly (readonly string[])[]): Findings {
  return (path) => findings
    .filter(([found]) => found === path || found.startsWith(`${path}/`))
    .map(([found, rule]) => `${found.slice(path.length + 1)}: ${rule}`)
    .sort();
}

/** What is said of findings in a construct and below it, by the rule. */
export function reasonsIn({ node }: IConstruct): { [rule: string]: string } {
  const metadata = node.findAll().flatMap((child) => child.node.metadata).filter(({ type }) => type === 'aws:cdk:acknowledged-rules');
  return Object.fromEntries(metadata.flatMap(({ data }) => Object.entries<string>(data)).map(([id, reason]) => [id.replace('Annotation::', ''), reason]));
}
