import { DefineCommand } from './session';
import { reportCommand } from '../page/report-command';

export const report: DefineCommand = (program, { log }, end) => {
  program.command('report')
    .summary('make a page of the reports of builds')
    .description('Makes one HTML file of the reports that builds have left: the newest in full, and all of them as its history.')
    .argument('[reports...]', 'files (default: image-outputs/report.json)')
    .requiredOption('--html <page>', 'the file of the page')
    .action((files: string[], { html }: { html: string }) => end(reportCommand({ files, page: html, log })));
};
