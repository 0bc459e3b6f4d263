import { ImageStep, imageSteps } from './image-steps';
import { ImageResult } from '../image/image-result';
import { sentenceOf } from '../reason/reason';

/**
 * The report as test results, which CodeBuild shows beside the build: a suite an image, and a case a step. What came from the cache was skipped, and what ran
 * has passed; an image that failed has a case that failed, and one that was there one that was skipped.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html
 */
export function junitReport(results: readonly ImageResult[]): string {
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...results.flatMap(suiteOf), '</testsuites>', ''].join('\n');
}

function suiteOf(result: ImageResult): string[] {
  const { job: { plan: { name } }, status, failure, firstRun, phases } = result;
  const steps = imageSteps(result);
  const isThere = status === 'already there';
  const suite = {
    name,
    tests: steps.length + 1,
    failures: failure === undefined ? 0 : 1,
    skipped: steps.filter(({ state }) => state !== 'run').length + (isThere && failure === undefined ? 1 : 0),
    time: seconds(Object.values(phases).reduce((all, one) => all + one, 0)),
  };
  const outcome = failure !== undefined ? element('failure', { message: failure }) : isThere ? element('skipped', { message: status }) : undefined;
  return [
    `  <testsuite${attributes(suite)}>`,
    ...testCase({ name: 'image', classname: name }, outcome, firstRun && `first run: ${sentenceOf(firstRun)}`),
    ...steps.flatMap((step) => stepOf(name, step)),
    '  </testsuite>',
  ];
}

function stepOf(image: string, { name, line, state, milliseconds }: ImageStep): string[] {
  const title = `${line === undefined ? '' : `line ${line}: `}${name.replace(/\s+/g, ' ')}`;
  const of: { [name: string]: string } = { name: title, classname: image };
  if (milliseconds !== undefined) of.time = seconds(milliseconds);
  return testCase(of, state === 'run' ? undefined : element('skipped', { message: state }));
}

function testCase(of: { readonly [name: string]: string | number }, outcome?: string, output?: string): string[] {
  const inside = [...outcome === undefined ? [] : [outcome], ...output === undefined ? [] : [`<system-out>${escaped(output)}</system-out>`]];
  return [inside.length === 0 ? `    <testcase${attributes(of)}/>` : `    <testcase${attributes(of)}>${inside.join('')}</testcase>`];
}

function element(name: string, of: { readonly [name: string]: string | number }): string {
  return `<${name}${attributes(of)}/>`;
}

function attributes(values: { readonly [name: string]: string | number }): string {
  return Object.entries(values).map(([name, value]) => ` ${name}="${escaped(String(value))}"`).join('');
}

/** What comes from other programs may hold anything, also what XML has no way to write. */
function escaped(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\0-\x1f\x7f-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, ' ')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
