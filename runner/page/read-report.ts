import * as fs from 'fs';
import { BuildReport } from './build-report';
import { Failure, reasonOf } from '../report/failure';
import { REPORT_VERSION } from '../report/json-report';

/** What a value has to be: a name of `KINDS`, a list of one shape, or an object. A member whose name ends with `?` may be missing, and others may be there. */
type Shape = keyof typeof KINDS | readonly [Shape] | { readonly [member: string]: Shape };

const KINDS = {
  text: (value: unknown) => typeof value === 'string',
  number: (value: unknown) => typeof value === 'number' && value >= 0 && Number.isFinite(value),
  boolean: (value: unknown) => typeof value === 'boolean',
  time: (value: unknown) => typeof value === 'string' && Number.isFinite(Date.parse(value)),
  // such as `{ "build": 6.8 }`
  numbers: (value: unknown) => isObject(value) && Object.values(value).every((member) => KINDS.number(member)),
};

const STEP: Shape = { 'name': 'text', 'line?': 'number', 'state': 'text', 'seconds?': 'number', 'times?': [{ start: 'number', seconds: 'number' }], 'pulledBytes?': 'number' };

const LAYER: Shape = { 'digest': 'text', 'bytes': 'number', 'step?': 'text', 'line?': 'number', 'state?': 'text' };

const CACHE: Shape = { 'read?': [{ 'from': 'text', 'error?': 'text' }], 'unread?': 'text', 'written?': 'boolean', 'writtenTo?': 'text', 'failure?': 'text' };

const IMAGE: Shape = {
  'name': 'text',
  'repository': 'text',
  'tag': 'text',
  'digest?': 'text',
  'result': 'text',
  'failure?': 'text',
  'startedAt?': 'time',
  'phases': 'numbers',
  'pulledBytes?': 'number',
  'pushedBytes?': 'number',
  'steps?': [STEP],
  'layers?': [LAYER],
  'firstRun?': { 'step': 'text', 'line?': 'number', 'reasons': [{ kind: 'text', text: 'text' }] },
  'copies?': 'text',
  'cache?': CACHE,
};

const REPORT: Shape = {
  'startedAt?': 'time',
  'seconds': 'number',
  'phases': 'numbers',
  'builder?': 'text',
  'baseImages?': 'text',
  'pulledBytes?': 'number',
  'pushedBytes?': 'number',
  'images': [IMAGE],
};

/** Reads a report that a build has left. Fails with a sentence if it is none that this program knows. */
export function readReport(file: string): BuildReport {
  let content: string;
  try {
    content = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure(`${file} cannot be read: a build leaves its report in image-outputs/report.json, or in the directory that --outputs names (${reasonOf(error)})`);
  }
  return parseReport(content, file);
}

/** @param file what errors call it */
export function parseReport(content: string, file: string): BuildReport {
  let report: unknown;
  try {
    report = JSON.parse(content);
  } catch (error) {
    throw new Failure(`${file} is not the report of a build: it is not JSON (${reasonOf(error)})`);
  }
  const { version } = Object(report) as { version?: unknown };
  if (!isObject(report) || typeof version !== 'number') throw new Failure(`${file} is not the report of a build: it has no version`);
  if (version !== REPORT_VERSION) {
    throw new Failure(`${file} is a report of version ${version}, and this program reads version ${REPORT_VERSION}: take the cdk-cached-docker-build that wrote it`);
  }
  check(report, REPORT, (problem) => { throw new Failure(`${file} is not a whole report of a build: ${problem}`); });
  return report as unknown as BuildReport;
}

function check(value: unknown, shape: Shape, fail: (problem: string) => never, place = ''): void {
  if (typeof shape === 'string') {
    if (!KINDS[shape](value)) fail(`${place} is not ${shape === 'text' ? 'a text' : shape === 'numbers' ? 'an object of numbers' : `a ${shape}`}`);
  } else if (isList(shape)) {
    if (!Array.isArray(value)) fail(`${place} is not a list`);
    value.forEach((item, index) => check(item, shape[0], fail, `${place}[${index}]`));
  } else {
    if (!isObject(value)) fail(`${place} is not an object`);
    for (const [member, inner] of Object.entries(shape)) {
      const name = member.replace(/\?$/, '');
      if (value[name] !== undefined || name === member) check(value[name], inner, fail, place === '' ? name : `${place}.${name}`);
    }
  }
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function isObject(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
