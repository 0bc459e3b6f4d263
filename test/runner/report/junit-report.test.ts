import { ImageResult } from '../../../runner/image/image-result';
import { junitReport } from '../../../runner/report/junit-report';
import { WorkDone } from '../../../runner/solve/work-done';
import { progressOf } from '../testhelpers/progress-of';
import { someJob } from '../testhelpers/some-job';

const STEPS = [{ name: '[1/2] WORKDIR /app', isCached: true }, { name: '[2/2] RUN make', isCached: false }];

function built(values: Partial<ImageResult> = {}): ImageResult {
  const done = new WorkDone();
  done.add(progressOf(...STEPS));
  return {
    job: someJob(),
    status: 'built',
    steps: STEPS,
    done,
    lines: new Map([['[1/2] WORKDIR /app', 6], ['[2/2] RUN make', 7]]),
    phases: { build: 2000, publish: 500 },
    firstRun: { step: 'RUN make', line: 7, reasons: [{ kind: 'files', text: '`a` changed' }] },
    ...values,
  };
}

test('an image is a suite, and a step is a case that passed or was skipped', () => {
  expect(junitReport([built()]).split('\n')).toEqual([
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    '  <testsuite name="App" tests="3" failures="0" skipped="1" time="2.500">',
    '    <testcase name="image" classname="App"><system-out>first run: RUN make (line 7): `a` changed</system-out></testcase>',
    '    <testcase name="line 6: [1/2] WORKDIR /app" classname="App" time="1.100"><skipped message="cached"/></testcase>',
    '    <testcase name="line 7: [2/2] RUN make" classname="App" time="1.100"/>',
    '  </testsuite>',
    '</testsuites>',
    '',
  ]);
});

test('an image that failed has a case that failed', () => {
  const text = junitReport([built({ status: 'failed', failure: 'exit code: 1', steps: [], firstRun: undefined }), built()]);
  expect(text).toContain('<testsuite name="App" tests="1" failures="1" skipped="0" time="2.500">\n    <testcase name="image" classname="App"><failure message="exit code: 1"/></testcase>');
  expect(text.match(/<testsuite /g)).toHaveLength(2);
});

test('an image that was there is skipped', () => {
  const text = junitReport([{ job: someJob(), status: 'already there', phases: {} }]);
  expect(text).toContain('tests="1" failures="0" skipped="1" time="0.000">\n    <testcase name="image" classname="App"><skipped message="already there"/></testcase>');
});

test('whatever other programs say, it can be written in XML', () => {
  const strange = 'a "b" <c> & \'d\' ]]> \x00\x1b[31m \n\t é 漢 🐳 \ud800 \udc00 \ufffe';
  expect(junitReport([built({ failure: strange, steps: [] })]))
    .toContain('<failure message="a &#34;b&#34; &#60;c&#62; &#38; &#39;d&#39; ]]&#62;   [31m    é 漢 🐳      "/>');
});
