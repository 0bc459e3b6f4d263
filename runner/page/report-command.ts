import * as fs from 'fs';
import { buildPage } from './build-page';
import { readReport } from './read-report';
import { Failure, reasonOf } from '../report/failure';
import { Log } from '../report/log';

/** What the command `report` is told. */
export interface ReportCommand {
  /** Reports that builds have left, in any order; without any, that of the last build by hand. */
  readonly files: readonly string[];
  /** The file of the page. */
  readonly page: string;
  readonly log: Log;
}

/** Where a build leaves its report, as a step of a pipeline has it. */
const LAST_REPORT = 'image-outputs/report.json';

/** Makes the page of the newest of some builds, with all of them as its history. Gives the exit code. */
export function reportCommand({ files, page, log }: ReportCommand): number {
  // As with `report --html *.json`, where the first of the reports would be the page.
  if (page.endsWith('.json')) throw new Failure(`${page} is the name of a report: give --html the file of the page first, such as report.html`);
  const reports = (files.length > 0 ? files : [LAST_REPORT]).map(readReport);
  const content = buildPage(reports);
  try {
    fs.writeFileSync(page, content);
  } catch (error) {
    throw new Failure(`the page cannot be written: ${reasonOf(error)}`);
  }
  log.line(`${page} has the report of ${reports.length === 1 ? 'the build' : `the newest of ${reports.length} builds`}`);
  return 0;
}
