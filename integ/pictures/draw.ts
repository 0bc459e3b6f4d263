import * as fs from 'fs';
import * as path from 'path';
import { dashboardBody } from './dashboard-body';
import { drawDashboard } from './draw-dashboard';
import { photographPage } from './photograph-page';

const docs = path.join(__dirname, '../../docs');

/** Draws the pictures of the guides again: `npm run pictures`. */
async function main(): Promise<void> {
  fs.writeFileSync(path.join(docs, 'dashboard.svg'), drawDashboard(dashboardBody()));
  fs.writeFileSync(path.join(docs, 'report-page.png'), await photographPage());
}

void main().catch((error) => {
  console.error(error);
  process.exit(1);
});
