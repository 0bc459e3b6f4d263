import { DefineCommand } from './session';
import { reportCommand } from '../page/report-command';

interface Options {
  readonly html: string;
}

export const report: DefineCommand = (program, { log }, end) => {
  program.command('report')
    .summary('make a page of the reports that builds have left')
    .description('Makes one HTML file of the reports that builds have left in image-outputs/report.json: the newest in full, and all of them as its history.')
    .argument('[report.json...]', 'the reports, in any order (default: image-outputs/report.json)')
    .requiredOption('--html <page>', 'the file of the page')
    .action((files: string[], { html }: Options) => end(reportCommand({ files, page: html, log })));
};
