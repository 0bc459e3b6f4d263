import { Did, Fault, phases } from './fault';

const words: { readonly [result in Did['result']]: string } = {
  'built': 'builds',
  'already there': 'finds the image',
  'built by another build at the same time': 'uses the image of the other build',
  'fails': 'fails',
  'ended': 'ends without a report',
};

/** The page of all faults that were played, and came out as they are described. */
export function faultsReport(faults: readonly Fault[]): string {
  const sections = Object.entries(phases).flatMap(([phase, title]) => {
    const rows = faults.filter(fault => fault.phase === phase);
    return rows.length === 0 ? [] : [
      `## ${title}`,
      '',
      '| fault | build | log | next build | seconds at most |',
      '| --- | --- | --- | --- | --- |',
      ...rows.map(({ broken, does, says, next, within }) => `| ${broken} | ${describe(does)} | ${says === undefined ? '' : code(says)} | ${describe(next)} | ${within} |`),
      '',
    ];
  });
  return [
    '# Faults, and what a build does',
    '',
    '<!-- Written by integ/local/tests/faults/faults.test.ts with PLAY_RECORD=1. -->',
    '',
    `The tests cause each of these ${faults.length} faults in a real build, with a real BuildKit and a real registry. For each fault, they check that`,
    '',
    '- the image has no tag if the build fails before it sets the tag; otherwise the tag points to the right image, compared file by file;',
    '- the build takes no longer than the last column says, even on a busy machine;',
    '- the next build, on a new machine and without the fault, makes the right image without a warning.',
    '',
    '"From the cache" means that the build reused steps of the layer cache. In log messages, `...` stands for text that varies.',
    '',
    'Two timeouts are too long to test. A `docker push` without output for 15 minutes is retried, at most three times. A `COPY` without output for 15 minutes fails the',
    'build.',
    '',
    ...sections,
  ].join('\n');
}

function describe({ result, cache }: Did): string {
  return `${words[result]}${cache === 'used' ? ' from the cache' : cache === 'used or not' ? ', from the cache or not' : ''}`;
}

function code(text: string): string {
  return `\`${text.replace(/\|/g, '\\|')}\``;
}
