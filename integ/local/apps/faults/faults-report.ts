import { Did, Fault, phases } from './fault';

const words: { readonly [result in Did['result']]: string } = {
  'built': 'builds',
  'already there': 'finds the image',
  'built by another build at the same time': 'takes the image that is there',
  'fails': 'fails',
  'ended': 'is gone',
};

/** The page of all faults that were played, and came out as they are described. */
export function faultsReport(faults: readonly Fault[]): string {
  const sections = Object.entries(phases).flatMap(([phase, title]) => {
    const rows = faults.filter(fault => fault.phase === phase);
    return rows.length === 0 ? [] : [
      `## ${title}`,
      '',
      '| what goes wrong | the build | its log | the next build | seconds |',
      '| --- | --- | --- | --- | --- |',
      ...rows.map(({ broken, does, says, next, within }) => `| ${broken} | ${describe(does)} | ${says === undefined ? '' : code(says)} | ${describe(next)} | ${within} |`),
      '',
    ];
  });
  return [
    '# What goes wrong, and what a build does',
    '',
    '<!-- Written by integ/local/tests/faults/faults.test.ts with PLAY_RECORD=1. -->',
    '',
    `Each of these ${faults.length} faults is made on purpose in a real build, with a real BuildKit and a real registry, each time the tests run. For each of them, the tests make sure that`,
    '',
    '- the tag of the image is not there if the build fails before it is set, and is that of the right image, file by file, in every other case;',
    '- the build takes no longer than the seconds in the last column, on a machine that does other things besides;',
    '- the next build, without the fault and on a new machine, makes the right image, without a warning.',
    '',
    '"From the cache" means that steps were taken from the layer cache. In the logs, `...` stands for what differs from build to build.',
    '',
    'Two waits are too long to be played: a `docker push` of which nothing comes for 15 minutes is tried again, three times at most, and a `COPY` of which nothing',
    'comes for 15 minutes fails the build.',
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
